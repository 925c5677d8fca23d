/// The page of a report. Everything in two braces is escaped; only the charts, which hold no text from a record, stand
/// in three. No script, no link, no picture from elsewhere: the page is whole as one file.
enum ReportTemplate {
    static let page = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="generator" content="motorpoint">
        <title>Session {{sessionID}}</title>
        <style>
        \(style)
        </style>
        </head>
        <body>
        <main>
        <header>
        <p class="kind">motorpoint · session record</p>
        <h1>{{headline}}</h1>
        <p class="sub">{{startedText}} · session {{sessionID}}</p>
        </header>
        <p class="notice"><strong>Not a medical device.</strong> This page states what was asked for and what was \
        delivered, as the record has it. It <strong>claims no benefit</strong>, and is neither a diagnosis nor \
        proof of an effect. {{deviceNotice}}</p>

        <section class="outcome {{outcomeClass}}">
        <p class="verdict">{{outcomeText}}</p>
        {{#outcomeDetail}}<p>{{.}}</p>{{/outcomeDetail}}
        </section>
        <p class="check {{verificationClass}}"><strong>{{verificationTitle}}</strong> {{verificationText}}</p>

        {{#hasPlan}}
        <section class="whole">
        <h2>Planned against delivered</h2>
        <table class="wide three">
        <thead><tr><th scope="col"></th><th scope="col">planned</th><th scope="col">delivered</th></tr></thead>
        <tbody>
        {{#plan}}<tr><th scope="row">{{what}}</th><td>{{planned}}</td><td>{{delivered}}</td></tr>
        {{/plan}}
        </tbody>
        </table>
        <p class="small">Amplitude is the peak of the first phase. Pulse width is one phase. Contraction time is ramp \
        up, plateau and ramp down. Charge is that of the first phases, search and titration included, rounded up.</p>
        </section>
        {{/hasPlan}}

        <section class="whole">
        <h2>Amplitude over time</h2>
        {{#hasChart}}
        {{#charts}}{{#title}}<h3>{{.}}</h3>{{/title}}
        <div class="chart broad">{{{broadChart}}}</div>
        <div class="chart narrow">{{{narrowChart}}}</div>
        {{/charts}}
        <ul class="legend">
        <li><span class="key k-delivered"></span>delivered</li><li><span class="key k-set"></span>set by hand</li>
        <li><span class="key k-search"></span>search</li><li><span class="key k-titration"></span>titration</li>
        <li><span class="key k-contraction"></span>counted contraction or train</li>
        <li><span class="key k-rest"></span>rest</li><li><span class="key k-pause"></span>pause</li>
        </ul>
        {{/hasChart}}
        {{^hasChart}}<p>Nothing was delivered.</p>{{/hasChart}}
        </section>

        {{#hasThresholds}}
        <section class="whole">
        <h2>Thresholds found in the search</h2>
        <table class="wide marks">
        <thead><tr><th scope="col">threshold</th><th scope="col">amplitude</th><th scope="col">one phase</th>\
        <th scope="col">rate</th>{{#thresholdPlaces}}<th scope="col">place</th>{{/thresholdPlaces}}</tr></thead>
        <tbody>
        {{#thresholds}}<tr><th scope="row">{{kind}}</th><td>{{amplitude}}</td><td>{{phase}}</td><td>{{rate}}</td>\
        {{#thresholdPlaces}}<td>{{place}}</td>{{/thresholdPlaces}}</tr>
        {{/thresholds}}
        </tbody>
        </table>
        <p class="small">Valid for this session and this phase duration only; never a start amplitude for another.</p>
        </section>
        {{/hasThresholds}}

        {{#hasNeedles}}
        <section>
        <h2>Needles</h2>
        {{#needleAlert}}<p class="alert">{{.}}</p>{{/needleAlert}}
        <table class="wide three">
        <thead><tr><th scope="col">needle</th><th scope="col">package</th><th scope="col">use</th></tr></thead>
        <tbody>
        {{#needles}}<tr><th scope="row">{{id}}</th><td>{{#package}}{{.}}<br>{{/package}}</td>\
        <td>{{#path}}{{.}}<br>{{/path}}</td></tr>
        {{/needles}}
        </tbody>
        </table>
        {{#hasNeedleCount}}<table class="wide"><tbody>
        {{#needleCount}}<tr><th scope="row">{{name}}</th><td>{{value}}</td></tr>
        {{/needleCount}}
        </tbody></table>{{/hasNeedleCount}}
        <p class="small">Inserted length is what the clinician stated; the program neither measures nor advises it.</p>
        </section>
        {{/hasNeedles}}

        {{#hasNotes}}
        <section>
        <h2>Notes</h2>
        <table class="wide">
        <tbody>{{#notes}}<tr><th scope="row">{{by}}</th><td>{{text}}</td></tr>
        {{/notes}}</tbody>
        </table>
        </section>
        {{/hasNotes}}

        <section>
        <h2>Events</h2>
        {{#hasEvents}}
        <ol class="events">
        {{#events}}<li class="{{class}}"><time>{{time}}</time><span>{{text}}</span></li>
        {{/events}}
        </ol>
        <p class="small">Minutes:seconds since the loop began. {{eventsNote}}</p>
        {{/hasEvents}}
        {{^hasEvents}}<p>None.</p>{{/hasEvents}}
        <p class="small">This program neither asks for adverse events nor grades them. That none stands here does not \
        mean that there was none.</p>
        </section>

        <section>
        <h2>Consent and questions</h2>
        {{#hasConsent}}<dl class="answers">
        {{#consent}}<div><dt><b>{{code}}</b> {{question}}</dt><dd>{{answer}}{{#reason}}<br><em>because: {{.}}</em>\
        {{/reason}}</dd></div>
        {{/consent}}
        </dl>{{/hasConsent}}
        {{^hasConsent}}<p>No such question stands in this checklist.</p>{{/hasConsent}}
        {{#consentWithdrawn}}<p class="alert">The person withdrew consent during the session. Output was stopped \
        first.</p>{{/consentWithdrawn}}
        </section>

        <section>
        <h2>Checklist</h2>
        <p class="small">{{checklistText}}</p>
        <dl class="answers">
        {{#answers}}<div><dt><b>{{code}}</b> {{question}}</dt><dd>{{answer}}{{#reason}}<br><em>because: {{.}}</em>\
        {{/reason}}</dd></div>
        {{/answers}}
        </dl>
        </section>

        {{#evidence}}
        <section class="whole">
        <h2>What is known of this protocol</h2>
        {{#muscle}}<h3>{{.}}</h3>{{/muscle}}
        <table class="wide"><tbody>
        <tr><th scope="row">parameters: certainty</th><td>{{parameters}}</td></tr>
        <tr><th scope="row">benefit in patellofemoral pain: certainty</th><td>{{benefit}}</td></tr>
        </tbody></table>
        <p>{{statement}}</p>
        </section>
        {{/evidence}}

        <section>
        <h2>Limits in force</h2>
        <table class="wide three">
        <thead><tr><th scope="col">limit</th><th scope="col">value</th><th scope="col">set by</th></tr></thead>
        <tbody>
        {{#limits}}<tr><th scope="row">{{name}}</th><td>{{value}}</td><td>{{setBy}}</td></tr>
        {{/limits}}
        </tbody>
        </table>
        </section>

        <section>
        <h2>Device, computer, timing</h2>
        <table class="wide"><tbody>
        {{#machine}}<tr><th scope="row">{{name}}</th><td>{{value}}</td></tr>
        {{/machine}}
        </tbody></table>
        </section>

        <section>
        <h2>Where this can be checked</h2>
        <table class="wide hashes"><tbody>
        {{#hashes}}<tr><th scope="row">{{name}}</th><td>{{value}}{{#hash}}<code>{{.}}</code>{{/hash}}</td></tr>
        {{/hashes}}
        </tbody></table>
        <p class="small">The safety record is the truth, this page a copy of it. <code>motorpoint sessions verify \
        {{sessionID}}</code> must show the head hash above. A rewrite of record and anchor together is not detectable, \
        unless a copy of the head hash, such as this page, was kept elsewhere.</p>
        </section>

        <footer><p>Written {{writtenText}} by motorpoint {{programVersion}}. Person {{personID}} is a pseudonym; names \
        are kept elsewhere. Not a medical device.</p></footer>
        </main>
        </body>
        </html>

        """

    static let style = """
        :root { color-scheme: light; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #fff; --wash: #f6f8fa;
          --delivered: #2f6f9f; --set: #9a3412; }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--wash); color: var(--ink); line-height: 1.45;
          font: 16px/1.45 system-ui, "Segoe UI", "Liberation Sans", "DejaVu Sans", sans-serif; }
        main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 2rem 2rem; background: var(--paper); }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: 0.1rem 0 0.2rem; }
        h2 { font-size: 1.12rem; margin: 1.9rem 0 0.5rem; padding-bottom: 0.2rem; border-bottom: 2px solid var(--ink); }
        h3 { font-size: 1rem; margin: 0.9rem 0 0.2rem; break-after: avoid; }
        p { margin: 0.5rem 0; }
        .kind, .sub, .small, footer { color: var(--soft); }
        .kind { margin: 0; font-size: 0.9rem; letter-spacing: 0.04em; }
        .sub { margin: 0; }
        .small, footer { font-size: 0.85rem; }
        .notice { border: 1px solid var(--line); border-left: 5px solid #6e7781; padding: 0.6rem 0.8rem;
          background: var(--wash); margin: 1rem 0; }
        .outcome { border-left: 5px solid #1a7f37; padding: 0.1rem 0.8rem; margin: 1rem 0; }
        .outcome.stopped { border-color: #9a6700; }
        .outcome.bad { border-color: #b3261e; }
        .verdict { font-size: 1.2rem; font-weight: 600; }
        .check { padding: 0.5rem 0.8rem; border: 1px solid var(--line); margin: 1rem 0; }
        .check.bad, .alert { border: 3px solid #b3261e; padding: 0.5rem 0.8rem; font-weight: 600; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: 0.32rem 0.6rem 0.32rem 0; font-weight: normal;
          border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
        thead th { color: var(--soft); font-size: 0.85rem; }
        tbody th { color: var(--soft); width: 34%; }
        table.marks tbody th { width: auto; }
        table.marks thead th, table.marks td:not(:last-child) { white-space: nowrap; }
        table.three tbody th { width: 34%; } table.three td { width: 26%; } table.three td + td { width: 40%; }
        td { font-variant-numeric: tabular-nums; }
        code { display: block; font: 0.78rem/1.4 ui-monospace, "Liberation Mono", "DejaVu Sans Mono", monospace;
          overflow-wrap: anywhere; }
        p code { display: inline; }
        .chart svg { display: block; width: 100%; height: auto; }
        .narrow { display: none; }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.3rem 1.1rem; padding: 0; margin: 0.4rem 0;
          font-size: 0.85rem; color: var(--soft); }
        .legend li { display: flex; align-items: center; gap: 0.4rem; }
        .key { width: 1.1rem; height: 0.8rem; border: 1px solid #57606a; display: inline-block;
          print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        .k-delivered { background: #a9cbe3; border-color: var(--delivered); }
        .k-set { height: 0; border: 0; border-top: 3px solid var(--set); }
        .k-search { background: #fff3cd; } .k-titration { background: #d8e6c9; } .k-contraction { background: #7fb069; }
        .k-rest { background: #fff; } .k-pause { background: #c9c9d6; }
        .events { list-style: none; padding: 0; margin: 0; columns: 2; column-gap: 2.5rem; }
        .events li { display: flex; gap: 0.8rem; padding: 0.14rem 0; break-inside: avoid; font-size: 0.93rem; }
        .events time { color: var(--soft); min-width: 3.6rem; text-align: right; font-variant-numeric: tabular-nums; }
        .events .strong { font-weight: 600; }
        .answers { margin: 0; }
        .answers div { display: grid; grid-template-columns: 1fr 11rem; gap: 1rem; padding: 0.32rem 0;
          border-bottom: 1px solid var(--line); break-inside: avoid; }
        .answers dt b { color: var(--soft); font-weight: 600; margin-right: 0.3rem; }
        .answers dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
        .answers em { font-weight: normal; }
        footer { margin-top: 2rem; border-top: 1px solid var(--line); }
        @media screen and (max-width: 640px) {
          main { padding: 1rem; }
          h1 { font-size: 1.3rem; }
          .broad { display: none; } .narrow { display: block; }
          .events { columns: 1; }
          .answers div { grid-template-columns: 1fr; gap: 0.1rem; }
          tbody th { width: 40%; }
          table.marks thead { display: none; }
          table.marks tr { display: block; border-bottom: 1px solid var(--line); padding: 0.3rem 0; }
          table.marks tbody th, table.marks td { display: inline; border: 0; padding: 0 0.5rem 0 0; }
          table.three tr { display: grid; grid-template-columns: 1fr 1fr; border-bottom: 1px solid var(--line); }
          table.three th, table.three td, table.three td + td { border: 0; width: auto;
            padding: 0.15rem 0.5rem 0.15rem 0; }
          table.three thead th:first-child { display: none; }
          table.three tbody th { grid-column: 1 / 3; width: auto; color: var(--ink); font-weight: 600;
            padding-top: 0.35rem; }
        }
        @page { size: A4; margin: 16mm 15mm 18mm;
          @bottom-left { content: "motorpoint session record · not a medical device"; font: 8pt sans-serif; }
          @bottom-right { content: counter(page) " of " counter(pages); font: 8pt sans-serif; } }
        @media print {
          html { font-size: 12.5px; }
          body { background: #fff; font-size: 1rem; }
          main { max-width: none; padding: 0; }
          h2 { break-after: avoid; margin-top: 1.3rem; }
          h2 + p { break-after: avoid; }
          .broad svg { max-height: 62mm; }
          tr, .notice, .outcome, .check, .whole, .events li, .legend, footer { break-inside: avoid; }
          thead { display: table-header-group; }
          p { orphans: 3; widows: 3; }
        }
        """
}
