use std::error::Error as _;
use std::sync::Arc;

use minijinja::{Error as EngineError, ErrorKind};

use super::super::manifest::MANIFEST;
use super::TEMPLATE_ERROR;
use super::origin::{Back, Recorder};
use super::scope::{Seen, Variables};
use super::trees::{Includes, Loaded};
use crate::report::{Finding, Location};
use crate::text::{Source, Span, nearest};

/// The filters that people use most, to offer the nearest of.
const FILTERS: &[&str] = &[
    "abs",
    "bool",
    "capitalize",
    "default",
    "dictsort",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "tojson",
    "trim",
    "unique",
    "upper",
];

/// The tests.
const TESTS: &[&str] = &[
    "defined",
    "undefined",
    "none",
    "boolean",
    "number",
    "string",
    "integer",
    "float",
    "mapping",
    "sequence",
    "iterable",
    "odd",
    "even",
    "divisibleby",
    "startingwith",
    "endingwith",
    "in",
];

/// The functions.
const FUNCTIONS: &[&str] = &["range", "dict", "namespace"];

/// Says what kept a template from being rendered, at the line of the template.
pub(super) fn finding(
    error: &EngineError,
    includes: &Includes,
    loaded: &[Loaded],
    recorder: &Recorder,
    variables: &Variables,
    seen: &Seen,
) -> Finding {
    // Where files include each other, the innermost says what is wrong.
    let mut chain = vec![error];
    while let Some(cause) = chain[chain.len() - 1]
        .source()
        .and_then(|cause| cause.downcast_ref::<EngineError>())
    {
        chain.push(cause);
    }
    let innermost = chain[chain.len() - 1];
    if let Some(mut finding) = includes.unreadable() {
        let outer = chain.iter().filter_map(|error| place(error, loaded));
        finding
            .related
            .extend(outer.map(|at| at.with_label("included here")));
        return finding;
    }
    let placed = chain
        .iter()
        .rposition(|error| place(error, loaded).is_some());
    let at = placed.and_then(|at| place(chain[at], loaded));
    let at = at.unwrap_or_else(|| Location::file(&loaded[0].source));
    let name = expression(&at);
    let (message, help) = said(innermost, &name, (includes, recorder), variables, seen);
    let mut finding = Finding::new(&TEMPLATE_ERROR, message, at).with_help(help);
    let mut told = vec![(
        finding.location.source.name().to_owned(),
        finding.location.span,
    )];
    for outer in chain[..placed.unwrap_or(0)].iter().rev() {
        let Some(at) = place(outer, loaded) else {
            continue;
        };
        let place = (at.source.name().to_owned(), at.span);
        // A circle is told once round.
        if !told.contains(&place) {
            told.push(place);
            finding = finding.with_related(at.with_label("included here"));
        }
    }
    finding
}

/// Finds the place that an error is about.
fn place(error: &EngineError, loaded: &[Loaded]) -> Option<Location> {
    let loaded = loaded
        .iter()
        .find(|it| Some(it.name.as_str()) == error.name())?;
    let line = u32::try_from(error.line()?).ok()?;
    let source = &loaded.source;
    let exact = error.range().and_then(|range| {
        let shifted = |offset: usize| u32::try_from(offset).ok()?.checked_add(loaded.shift);
        let span = Span::new(shifted(range.start)?, shifted(range.end.max(range.start))?);
        let text = source.slice(span);
        let fits = source.position(span.start).line == line && !text.trim().is_empty();
        fits.then_some(span)
    });
    Some(Location::new(
        source,
        exact.unwrap_or_else(|| words(source, line)),
    ))
}

/// Gives what stands on a line, without the blanks around it.
fn words(source: &Arc<Source>, line: u32) -> Span {
    let span = source.line_span(line);
    let text = source.slice(span);
    let blanks = text.len() - text.trim_start().len();
    let start = span.start + u32::try_from(blanks).unwrap_or(0);
    let end = start + u32::try_from(text.trim().len()).unwrap_or(0);
    Span::new(start, end)
}

/// Says what is wrong, and what to do.
fn said(
    error: &EngineError,
    name: &str,
    (includes, recorder): (&Includes, &Recorder),
    variables: &Variables,
    seen: &Seen,
) -> (String, String) {
    let detail = error.detail().unwrap_or_default();
    if recorder.is_full {
        return (
            "the template comes out as more than 4 MiB".to_owned(),
            "let it write less, or split the layer".to_owned(),
        );
    }
    match error.kind() {
        ErrorKind::UndefinedError => match seen.undeclared() {
            Some(name) => undeclared(&name, variables),
            None => undefined(name, variables),
        },
        ErrorKind::TemplateNotFound => missing(includes),
        ErrorKind::SyntaxError | ErrorKind::BadEscape => (
            format!("the template cannot be read: {detail}"),
            "write `{{ … }}` for a value and `{% … %}` for a statement; put text that holds such \
             braces between `{% raw %}` and `{% endraw %}`"
                .to_owned(),
        ),
        ErrorKind::OutOfFuel => (
            format!("the template takes more than {} steps", super::MOST_STEPS),
            "let its loops go over less".to_owned(),
        ),
        kind @ (ErrorKind::UnknownFilter | ErrorKind::UnknownTest | ErrorKind::UnknownFunction) => {
            unknown(kind, name)
        }
        _ if detail.contains("recursion limit") => (
            "files or macros call each other in a circle, or too deep".to_owned(),
            "take one of the calls away".to_owned(),
        ),
        kind if detail.is_empty() => (format!("the template fails here: {kind}"), mend()),
        _ => (format!("the template fails here: {detail}"), mend()),
    }
}

fn mend() -> String {
    "correct this line of the template".to_owned()
}

fn undeclared(name: &str, variables: &Variables) -> (String, String) {
    let declared = variables.env.keys().map(String::as_str);
    let help = match nearest(name, declared).first() {
        Some(near) => format!("did you mean `env.{near}`?"),
        None => format!("add it to the manifest: `env: [{name}]` in `{MANIFEST}`"),
    };
    let message = format!("the environment variable `{name}` is not declared in `{MANIFEST}`");
    (message, help)
}

/// Gives the words that an error is about, whole where they are the end of a longer name.
fn expression(at: &Location) -> String {
    let text = at.source.slice(at.span);
    if !text.starts_with('.') {
        return text.to_owned();
    }
    let before = at
        .source
        .text()
        .get(..at.span.start as usize)
        .unwrap_or_default();
    let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.');
    let start = before.trim_end_matches(is_name).len();
    format!("{}{text}", &before[start..])
}

fn undefined(name: &str, variables: &Variables) -> (String, String) {
    let all = Variables::all();
    let vars = variables.vars.as_ref().and_then(|vars| vars.as_object());
    let known = vars.into_iter().flat_map(|vars| vars.keys());
    let known: Vec<String> = known.map(|key| format!("vars.{key}")).collect();
    let names = all.into_iter().chain(known.iter().map(String::as_str));
    let near = nearest(name, names.filter(|near| *near != name));
    let help = match (near.first(), all.contains(&name)) {
        (_, true) => format!(
            "it is not set for every target: ask first, `{{% if {name} is defined %}}`, or say \
             what stands in for it, `{{{{ {name} | default('…') }}}}`"
        ),
        (Some(near), false) => format!("did you mean `{near}`?"),
        (None, false) if name.starts_with("env.") => {
            "set it where the command runs, or say what stands in for it: `| default('…')`"
                .to_owned()
        }
        (None, false) if name.starts_with("vars.") => format!(
            "set it under `vars` in `{MANIFEST}`, or say what stands in for it: `| default('…')`"
        ),
        (None, false) => format!(
            "known are environment, provider, service, vars and env; a value of your own stands \
             under `vars` in `{MANIFEST}`"
        ),
    };
    (format!("`{name}` is undefined"), help)
}

fn missing(includes: &Includes) -> (String, String) {
    let name = includes.missing().unwrap_or_default();
    let name = name.as_str();
    if let Some(outside) = name.strip_prefix('/') {
        return (
            format!("`{outside}` leads out of the repository"),
            "include a file of the repository, by its path from the root".to_owned(),
        );
    }
    let siblings = includes.siblings(name);
    let near = nearest(name, siblings.iter().map(String::as_str));
    let help = match near.first() {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write its path from the root of the repository, or with `./` from beside this \
                 template"
            .to_owned(),
    };
    (
        format!("there is no file `{name}` here to be included"),
        help,
    )
}

fn unknown(kind: ErrorKind, name: &str) -> (String, String) {
    let name = name.split('(').next().unwrap_or_default();
    let (what, known) = match kind {
        ErrorKind::UnknownFilter => ("filter", FILTERS),
        ErrorKind::UnknownTest => ("test", TESTS),
        _ => ("function", FUNCTIONS),
    };
    let help = match nearest(name, known.iter().copied()).first() {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let some: Vec<String> = known
                .iter()
                .take(6)
                .map(|name| format!("`{name}`"))
                .collect();
            format!("use one of Jinja's own, such as {}", some.join(", "))
        }
    };
    (format!("there is no {what} `{name}`"), help)
}

/// Leads a finding about a rendered text back to the template, and shows what came out there.
pub(super) fn of_rendered(finding: &Finding, back: &Back<'_>, variables: &Variables) -> Finding {
    let mut told = Finding {
        location: back.location(&finding.location),
        related: finding.related.iter().map(|at| back.location(at)).collect(),
        // It would mend the text that came out, which is no file.
        fix: None,
        ..finding.clone()
    };
    if let Some(line) = back.written_line(&finding.location) {
        let label = format!("comes out as `{}`", shown(line.trim(), variables));
        told.location.label = label;
        told.help = Some(
            "where a value may hold any text, write `{{ value | tojson }}`, which quotes it"
                .to_owned(),
        );
    }
    told
}

/// Shortens a line, and leaves out what environment variables hold, which may be secret.
fn shown(line: &str, variables: &Variables) -> String {
    let mut line = line.to_owned();
    for (name, value) in &variables.env {
        if let Some(value) = value.as_deref().filter(|value| !value.trim().is_empty()) {
            line = line.replace(value, &format!("<env.{name}>"));
        }
    }
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
