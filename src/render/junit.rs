//! JUnit XML, for test reports: a case a finding, and a passing one when all is well.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::{Said, is_whole_file, place, visible};
use crate::report::{Finding, Severity};

/// Writes one suite: errors and warnings fail, infos pass with their text beside them.
pub(super) fn write(said: &Said<'_>, out: &mut dyn Write) -> io::Result<()> {
    let suite = format!("strata.{}", said.command);
    let suite = attribute(&suite);
    let summary = said.summary();
    let tests = said.findings.len().max(1);
    let failures = summary.error + summary.warning;
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\"");
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"git-strata\" {counts}>")?;
    writeln!(out, "  <testsuite name=\"{suite}\" {counts}>")?;
    if said.findings.is_empty() {
        write_passing(said, &suite, out)?;
    }
    let mut seen = BTreeMap::new();
    for finding in said.findings {
        let at = finding.location.source.name();
        let mut name = name(finding);
        // readers of reports take cases of one name for one case
        let count = seen.entry((at, name.clone())).or_insert(0_usize);
        *count += 1;
        if *count > 1 {
            let _ = write!(name, " ({count})");
        }
        write_case(finding, &name, out)?;
    }
    writeln!(out, "  </testsuite>")?;
    writeln!(out, "</testsuites>")
}

fn write_passing(said: &Said<'_>, suite: &str, out: &mut dyn Write) -> io::Result<()> {
    let case = format!("    <testcase classname=\"{suite}\" name=\"no findings\"");
    if said.rules.is_empty() {
        return writeln!(out, "{case}/>");
    }
    writeln!(out, "{case}>")?;
    let rules: Vec<_> = said.rules.iter().map(|rule| rule.id).collect();
    let looked_for = format!("looked for: {}", rules.join(", "));
    writeln!(out, "      <system-out>{}</system-out>", text(&looked_for))?;
    writeln!(out, "    </testcase>")
}

fn name(finding: &Finding) -> String {
    let (rule, at) = (finding.rule.id, &finding.location);
    match &at.pointer {
        Some(pointer) if !pointer.is_root() => format!("{rule} {pointer}"),
        _ if is_whole_file(at) => rule.to_owned(),
        _ => format!("{rule} line {}", at.start().line),
    }
}

fn write_case(finding: &Finding, name: &str, out: &mut dyn Write) -> io::Result<()> {
    let at = finding.location.source.name();
    writeln!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\">",
        attribute(at),
        attribute(name)
    )?;
    let said = text(&words(finding));
    if finding.severity == Severity::Info {
        writeln!(out, "      <system-out>{said}</system-out>")?;
    } else {
        writeln!(
            out,
            "      <failure type=\"{}\" message=\"{}\">{said}</failure>",
            attribute(finding.rule.id),
            attribute(&finding.message),
        )?;
    }
    writeln!(out, "    </testcase>")
}

/// Says the whole finding in a few lines.
fn words(finding: &Finding) -> String {
    let mut out = format!(
        "{}[{}]: {}\n  --> {}",
        finding.severity,
        finding.rule.id,
        finding.message,
        place(&finding.location)
    );
    let label = &finding.location.label;
    if !label.is_empty() {
        let _ = write!(out, ": {label}");
    }
    for related in &finding.related {
        let _ = write!(out, "\n  ::: {}", place(related));
        if !related.label.is_empty() {
            let _ = write!(out, ": {}", related.label);
        }
    }
    if let Some(help) = &finding.help {
        let _ = write!(out, "\n  = help: {help}");
    }
    if let Some(fix) = &finding.fix {
        let _ = write!(out, "\n  = fix: {}", fix.description);
    }
    out
}

fn text(text: &str) -> String {
    escaped(&visible::lines(text), false)
}

fn attribute(text: &str) -> String {
    escaped(&visible::lines(text), true)
}

/// Escapes for [XML 1.0](https://www.w3.org/TR/xml/#charsets), which has no way to write some
/// characters at all.
fn escaped(text: &str, attribute: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}
