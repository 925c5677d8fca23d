#include "CSerialPort.h"

#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <string.h>
#include <unistd.h>

const char *mp_serial_library_version(void) { return sp_get_package_version_string(); }

static int32_t failure(enum sp_return result) {
    switch (result) {
    // The library takes a name that the kernel does not list for a wrong argument.
    case SP_ERR_ARG: return -ENODEV;
    case SP_ERR_MEM: return -ENOMEM;
    case SP_ERR_SUPP: return -ENOTSUP;
    default: {
        int code = sp_last_error_code();
        return code > 0 ? -code : -EIO;
    }
    }
}

static void copy(char *to, size_t capacity, const char *from) {
    to[0] = 0;
    if (!from) return;
    strncpy(to, from, capacity - 1);
    to[capacity - 1] = 0;
}

int32_t mp_serial_look_up(const char *device, struct mp_serial_identity *identity) {
    struct sp_port *port = NULL;
    enum sp_return result = sp_get_port_by_name(device, &port);
    if (result != SP_OK) return failure(result);
    int vendor = 0;
    int product = 0;
    int32_t outcome = -ENODEV;
    if (sp_get_port_transport(port) == SP_TRANSPORT_USB && sp_get_port_usb_vid_pid(port, &vendor, &product) == SP_OK) {
        identity->vendor = vendor;
        identity->product = product;
        copy(identity->serial_number, sizeof identity->serial_number, sp_get_port_usb_serial(port));
        copy(identity->name, sizeof identity->name, sp_get_port_usb_product(port));
        outcome = 0;
    }
    sp_free_port(port);
    return outcome;
}

static enum sp_return set_up(struct sp_port *port, int32_t baud, int32_t two_stop_bits) {
    enum sp_return result = sp_set_baudrate(port, baud);
    if (result == SP_OK) result = sp_set_bits(port, 8);
    if (result == SP_OK) result = sp_set_parity(port, SP_PARITY_NONE);
    if (result == SP_OK) result = sp_set_stopbits(port, two_stop_bits ? 2 : 1);
    if (result == SP_OK) result = sp_set_flowcontrol(port, SP_FLOWCONTROL_NONE);
    // A USB device takes a host that raises neither for absent and answers nothing.
    if (result == SP_OK) result = sp_set_dtr(port, SP_DTR_ON);
    if (result == SP_OK) result = sp_set_rts(port, SP_RTS_ON);
    return result;
}

int32_t mp_serial_open(const char *device, int32_t baud, int32_t two_stop_bits) {
    if (baud <= 1200) return -EINVAL;
    struct sp_port *port = NULL;
    enum sp_return result = sp_get_port_by_name(device, &port);
    if (result != SP_OK) return failure(result);
    int32_t outcome;
    result = sp_open(port, SP_MODE_READ_WRITE);
    if (result != SP_OK) {
        outcome = failure(result);
        sp_free_port(port);
        return outcome;
    }
    result = set_up(port, baud, two_stop_bits);
    int handle = -1;
    if (result == SP_OK) result = sp_get_port_handle(port, &handle);
    if (result != SP_OK) {
        outcome = failure(result);
    } else {
        // A duplicate keeps the line open, and DTR up, when the library closes its own.
        outcome = fcntl(handle, F_DUPFD_CLOEXEC, 0);
        if (outcome < 0) {
            outcome = -errno;
        } else {
            int flags = fcntl(outcome, F_GETFL);
            if (flags < 0 || fcntl(outcome, F_SETFL, flags | O_NONBLOCK) < 0) {
                int code = errno;
                close(outcome);
                outcome = -code;
            }
        }
    }
    sp_close(port);
    sp_free_port(port);
    return outcome;
}
