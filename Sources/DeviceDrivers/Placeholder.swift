// DeviceDrivers: see Docs/decisions/0001-modules.md
