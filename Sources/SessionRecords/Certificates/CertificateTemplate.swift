/// The pages of calibrations. Everything in two braces is escaped; only pictures, which hold no text from a document,
/// stand in three.
enum CertificateTemplate {
    static func head(_ title: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="generator" content="motorpoint">
        <title>\(title)</title>
        <style>
        \(ReportTemplate.style)
        \(style)
        </style>
        </head>
        <body>
        <main>
        """
    }

    static let foot = """
        <section class="whole">
        <h2>What this is</h2>
        <p>{{statement}}</p>
        </section>

        <footer><p>Written {{writtenText}} by motorpoint {{programVersion}}. Not a medical device.</p></footer>
        </main>
        </body>
        </html>

        """

    static let page = """
        \(head("Calibration {{id}}"))
        <header>
        <p class="kind">motorpoint · calibration record</p>
        <h1>{{deviceName}} {{serialNumber}}</h1>
        <p class="sub">calibration {{id}}</p>
        </header>

        <section class="outcome {{verdictClass}}">
        <p class="verdict">{{verdict}}</p>
        {{#consequences}}<p>{{.}}</p>{{/consequences}}
        {{#hasFindings}}<ul class="findings">
        {{#findings}}<li>{{.}}</li>
        {{/findings}}</ul>{{/hasFindings}}
        </section>
        {{#foundOutOfTolerance}}<p class="alert">{{.}}</p>{{/foundOutOfTolerance}}

        <section class="whole">
        <h2>Device and calibration</h2>
        <table class="wide"><tbody>
        {{#device}}<tr><th scope="row">{{name}}</th><td>{{value}}</td></tr>
        {{/device}}
        </tbody></table>
        </section>

        <section class="whole">
        <h2>Signature</h2>
        {{#isSigned}}<table class="wide hashes"><tbody>
        {{#signature}}<tr><th scope="row">{{name}}</th><td>{{value}}</td></tr>
        {{/signature}}
        </tbody></table>
        <p class="small">As it is stored beside the document. <code>motorpoint</code> verifies document and signature \
        before every session; this page proves nothing by itself.</p>{{/isSigned}}
        {{^isSigned}}<p>Nobody has signed this calibration.</p>{{/isSigned}}
        </section>

        <section class="whole">
        <h2>Measured with</h2>
        <table class="wide list instruments">
        <thead><tr><th scope="col">instrument</th><th scope="col">serial number</th><th scope="col">its own \
        calibration holds</th><th scope="col">U of a reading (k = 2)</th><th scope="col">source</th></tr></thead>
        <tbody>
        {{#instruments}}<tr>{{#cells}}<td>{{.}}</td>{{/cells}}</tr>
        {{/instruments}}
        </tbody>
        </table>
        <table class="wide list">
        <thead><tr><th scope="col">load, asset number</th><th scope="col">value</th><th scope="col">tolerance</th>\
        <th scope="col">rated power</th></tr></thead>
        <tbody>
        {{#loads}}<tr>{{#cells}}<td>{{.}}</td>{{/cells}}</tr>
        {{/loads}}
        </tbody>
        </table>
        </section>

        <section class="whole">
        <h2>Gain over the years</h2>
        {{#drift}}<div class="chart">{{{.}}}</div>{{/drift}}
        {{^hasDrift}}<p>No gain is known.</p>{{/hasDrift}}
        <p class="small">{{driftText}} Bars are the expanded uncertainty. Where a failed output has no line, the mean \
        error of its points as found stands in its place.</p>
        </section>

        <section class="whole">
        <h2>How it was decided</h2>
        <p>{{decisionRule}}</p>
        </section>

        \(outputs)
        \(foot)
        """

    private static let outputs = """
        {{#outputs}}
        <section class="output">
        <h2>{{title}}: <span class="{{class}}">{{verdict}}</span></h2>
        {{#hasFindings}}<ul class="findings">
        {{#findings}}<li>{{.}}</li>
        {{/findings}}</ul>{{/hasFindings}}
        <table class="wide"><tbody>
        {{#fit}}<tr><th scope="row">{{name}}</th><td>{{value}}</td></tr>
        {{/fit}}
        </tbody></table>
        <p class="small">Line through the points: measured = gain × set + offset.</p>

        {{#hasPoints}}
        <div class="whole">
        <h3>Error against the set current</h3>
        {{#errorPicture}}<div class="chart">{{{.}}}</div>{{/errorPicture}}
        </div>
        {{/hasPoints}}
        {{#hasPulse}}
        <div class="whole">
        <h3>One pulse</h3>
        {{#pulsePicture}}<div class="chart">{{{.}}}</div>{{/pulsePicture}}
        <p class="small">Drawn from mean amplitudes and durations, each ± U: no trace of an oscilloscope. The gap \
        between both phases is not drawn.</p>
        </div>
        {{/hasPulse}}

        {{#hasFigures}}
        <div class="whole">
        <h3>Other figures</h3>
        <table class="wide list figures">
        <thead><tr><th scope="col">figure</th><th scope="col">measured, ± U (k = 2)</th><th scope="col">limit</th>\
        <th scope="col">verdict</th></tr></thead>
        <tbody>
        {{#figures}}<tr><td>{{name}}</td><td>{{value}}</td><td>{{limit}}</td><td class="{{class}}">{{verdict}}</td></tr>
        {{/figures}}
        </tbody>
        </table>
        </div>
        {{/hasFigures}}

        {{#hasPoints}}
        <h3>Points</h3>
        <table class="points">
        <thead>
        <tr><th colspan="3"></th><th colspan="5" scope="colgroup">as found</th>\
        <th colspan="5" scope="colgroup">as left</th></tr>
        <tr><th scope="col">set<br>mA</th><th scope="col">load</th><th scope="col">phase</th>\
        <th scope="col">mean<br>mA</th><th scope="col">s<br>mA</th><th scope="col">U<br>mA</th>\
        <th scope="col">error<br>%</th><th scope="col">verdict</th>\
        <th scope="col">mean<br>mA</th><th scope="col">s<br>mA</th><th scope="col">U<br>mA</th>\
        <th scope="col">error<br>%</th><th scope="col">verdict</th></tr>
        </thead>
        <tbody>
        {{#points}}<tr class="{{class}}"><td>{{set}}</td><td>{{load}}</td><td>{{phase}}</td>\
        {{#found}}{{#cells}}<td>{{.}}</td>{{/cells}}<td class="{{class}} end">{{verdict}}</td>{{/found}}\
        {{#left}}{{#cells}}<td>{{.}}</td>{{/cells}}<td class="{{class}} end">{{verdict}}</td>{{/left}}</tr>
        {{/points}}
        </tbody>
        </table>
        <p class="small">{{readings}}. Mean without sign; s: standard deviation of a single reading; U: expanded \
        uncertainty (k = 2) of the mean, instrument and load included, rounded up. As found: with the correction of \
        the calibration before, or none; as left: with the correction of this one.</p>
        {{/hasPoints}}
        {{^hasPoints}}<p>No point was measured.</p>{{/hasPoints}}
        </section>
        {{/outputs}}
        """

    static let history = """
        \(head("Calibrations of {{deviceName}} {{serialNumber}}"))
        <header>
        <p class="kind">motorpoint · calibration history</p>
        <h1>{{deviceName}} {{serialNumber}}</h1>
        <p class="sub">{{count}}</p>
        </header>
        <section class="outcome {{stateClass}}">
        <p class="verdict">{{state}}</p>
        </section>
        <section class="whole">
        <h2>Gain over the years</h2>
        {{#drift}}<div class="chart">{{{.}}}</div>{{/drift}}
        {{^hasDrift}}<p>No gain is known.</p>{{/hasDrift}}
        <p class="small">Bars are the expanded uncertainty (k = 2). Where a failed output has no line, the mean error \
        of its points as found stands in its place.</p>
        </section>
        <section>
        <h2>Calibrations, the latest first</h2>
        <table class="wide list">
        <thead><tr><th scope="col">calibration</th><th scope="col">measured on</th><th scope="col">verdict</th>\
        <th scope="col">holds until</th><th scope="col">gain of each output</th><th scope="col">largest error as \
        found</th><th scope="col">by</th></tr></thead>
        <tbody>
        {{#rows}}<tr><td>{{id}}</td><td>{{day}}</td><td class="{{class}}">{{verdict}}</td><td>{{until}}</td>\
        <td>{{#gains}}{{.}}<br>{{/gains}}</td><td>{{worst}}</td><td>{{technician}}</td></tr>
        {{/rows}}
        </tbody>
        </table>
        </section>
        \(foot)
        """

    private static let style = """
        /* Colours of borders in full: the program that makes the PDF knows none of them by name. */
        h2 { margin: 1.3rem 0 0.3rem; border-bottom: 2px solid #1b1f24; }
        th, td { padding: 0.2rem 0.6rem 0.2rem 0; border-bottom: 1px solid #d0d7de; }
        .notice, .check { border-color: #d0d7de; }
        footer { border-top: 1px solid #d0d7de; }
        table.instruments td:nth-child(1), table.instruments td:nth-child(2) { width: 21%; }
        table.instruments td:nth-child(3), table.instruments td:nth-child(4) { width: 17%; }
        table.hashes td { font-size: 0.8rem; }
        table.figures td { padding-top: 0.12rem; padding-bottom: 0.12rem; }
        table.points td { border-bottom: 0; }
        .verdict { letter-spacing: 0.02em; }
        .outcome.bad .verdict { color: #b3261e; }
        .findings { margin: 0.4rem 0; padding-left: 1.2rem; }
        .findings li { margin: 0.25rem 0; font-weight: 600; }
        .pass { color: #116329; }
        .refused { color: #b3261e; font-weight: 700; }
        .chart { margin: 0.4rem 0; }
        p code { white-space: nowrap; }
        table.list { margin: 0.3rem 0 0.8rem; }
        table.list td { padding-right: 0.8rem; }
        table.points { font-size: 0.8rem; line-height: 1.25; }
        table.points th, table.points td { text-align: right; padding: 0.16rem 0.2rem; width: auto;
          overflow-wrap: normal; white-space: nowrap; vertical-align: bottom; }
        table.points th[colspan] { text-align: center; border-bottom: 0; color: #1b1f24; font-weight: 700; }
        table.points .end { text-align: left; padding-left: 0.45rem; }
        table.points td:nth-child(3), table.points td:nth-child(8),
        table.points thead tr:last-child th:nth-child(3), table.points thead tr:last-child th:nth-child(8)
          { border-right: 1px solid #d0d7de; }
        table.points tr.level td { border-top: 1px solid #8c959f; }
        table.points thead tr:last-child th:nth-child(8), table.points thead tr:last-child th:nth-child(13)
          { text-align: left; padding-left: 0.45rem; }
        @media screen and (max-width: 640px) { .output, .whole { overflow-x: auto; } .chart svg { min-width: 30rem; } }
        @page { size: A4; margin: 15mm 14mm 17mm;
          @bottom-left { content: "motorpoint calibration record · not a medical device"; font: 8pt sans-serif; } }
        @media print {
          .output { break-before: page; }
          h2 { margin-top: 1rem; }
          h3 { break-after: avoid; margin-top: 0.6rem; }
          .small { margin: 0.25rem 0; }
          .outcome { break-inside: auto; }
          .chart svg { max-height: none; }
        }
        """
}
