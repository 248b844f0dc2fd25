//! Layers that are templates: rendered before they are parsed, with every value still known by the
//! line of the template that it was written on.
//!
//! The only room that names the template engine. What a template reads besides itself (the files
//! it includes, the variables it looks at) is written down while it is rendered, so that two
//! renders that read the same are known to be the same.

mod fault;
mod guard;
mod join;
mod origin;
mod scope;
#[cfg(test)]
mod tests;
mod trees;

use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};

use super::ParsedFile;
use super::snapshot::Snapshot;
use crate::document::{self, Document, Format, Parsed};
use crate::error::Result;
use crate::git::Oid;
use crate::report::{Finding, Rule, Severity};
use crate::text::Source;

use origin::{Origins, Recorder};
pub(crate) use scope::Variables;
use scope::{Seen, scope};
use trees::{Includes, Loaded};

/// How many steps a template may take.
const MOST_STEPS: u64 = 500_000;

/// How deep files may include each other, in the engine's own measure: ten an include.
const DEEPEST: usize = 250;

/// A template cannot be rendered.
pub(super) static TEMPLATE_ERROR: Rule = Rule {
    id: "template-error",
    severity: Severity::Error,
    summary: "a layer is a template that cannot be rendered",
    docs: "A layer whose name ends in `.j2` is rendered before it is read. Its language is \
Jinja's; it knows `environment`, `provider`, `service`, what the manifest holds under `vars`, and \
as `env.NAME` the environment variables that the manifest names under `env`. Anything else is \
undefined, and to use what is undefined is a fault, so that a slip of the pen never becomes an \
empty text in production.

**What to do.** The message names the line of the template. Correct the name there, or say what \
stands in for a value that may be absent.

```yaml
host: {{ env.DB_HOST | default('localhost') }}
{% if service is defined %}
name: {{ service | tojson }}
{% endif %}
pool: {{ vars.pol }}       # undefined: it is `vars.pool`
```

`{% include \"common/logging.yaml\" %}` takes in a file of the same tree, from the root of the \
repository, or with `./` and `../` from beside the template; never one outside.",
};

/// What a template read besides itself: renders of one text that read the same are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Reads {
    /// The files it asked for, in order, whether they are there or not.
    pub(crate) files: Vec<(BString, Option<Oid>)>,
    /// The variables it looked at, with their values as JSON; none where unset.
    pub(crate) variables: Vec<(String, Option<String>)>,
}

/// Says whether a layer is a template, by its name.
pub(crate) fn is_template(path: &BStr) -> bool {
    path.len() > 3 && path[path.len() - 3..].eq_ignore_ascii_case(b".j2")
}

/// Tells what format a layer is written in, a template's is that of what comes out; a file without
/// a known extension is read as YAML.
pub(crate) fn format_of(path: &BStr) -> Format {
    let name = path.to_str_lossy();
    let stem = match is_template(path) {
        true => &name[..name.len() - 3],
        false => &name,
    };
    Format::of_path(stem).unwrap_or(Format::Yaml)
}

/// Renders a template of a tree and parses what comes out; `None` where there is no such file.
/// Every span is one of the template's, or of a file that it includes.
///
/// # Errors
///
/// Where a file is there and cannot be read.
pub(super) fn render(
    tree: &Snapshot,
    path: &BStr,
    variables: &Variables,
) -> Result<Option<ParsedFile>> {
    let includes = Arc::new(Includes::new(tree, path));
    let id = match includes.root()? {
        None => return Ok(None),
        Some(Ok(id)) => id,
        Some(Err((id, finding))) => {
            return Ok(Some(ParsedFile::unreadable(path, id, finding)));
        }
    };
    let seen = Arc::new(Seen::default());
    let environment = engine(&includes);
    let mut recorder = Recorder::default();
    let rendered = environment
        .get_template(includes.root_name())
        .and_then(|template| {
            template.render_captured_to(scope(variables, &seen), &mut recorder)?;
            Ok(())
        });
    includes.check()?;
    let loaded = includes.loaded();
    let reads = Reads {
        files: includes.asked(),
        variables: seen.variables(),
    };
    let source = Arc::clone(&loaded[0].source);
    let beside = loaded[1..].iter().map(|it| Arc::clone(&it.source));
    let parsed = match rendered {
        Ok(()) => {
            let origins = Origins::of(&recorder, &addresses(&environment, &loaded));
            read(recorder.text(), path, variables, &loaded, &origins)
        }
        Err(error) => Parsed {
            documents: Vec::new(),
            findings: vec![fault::finding(
                &error, &includes, &loaded, &recorder, variables, &seen,
            )],
        },
    };
    Ok(Some(ParsedFile::rendered(
        path,
        (source, beside.collect()),
        id,
        parsed,
        reads,
    )))
}

/// Makes the engine: Jinja's language without escapes, where what is undefined is an error.
fn engine(includes: &Arc<Includes>) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(MOST_STEPS));
    environment.set_recursion_limit(DEEPEST);
    environment.set_debug(false);
    // It would show what a template is called and where it stands.
    environment.remove_global("debug");
    guard::bound(&mut environment);
    environment.set_formatter(|out, state, value| {
        // Nothing is written as all three formats write it, and not as the text `none`.
        if value.is_none() {
            return out.write_str("null").map_err(minijinja::Error::from);
        }
        minijinja::escape_formatter(out, state, value)
    });
    environment.set_path_join_callback(|name, parent| join::join(name, parent).into());
    let loader = Arc::clone(includes);
    environment.set_loader(move |name| loader.load(name));
    environment
}

/// Finds where in memory the engine keeps the text of each template: what it writes of a text as it
/// stands is written from there.
fn addresses(environment: &Environment<'_>, loaded: &[Loaded]) -> Vec<origin::Kept> {
    let kept = |loaded: &Loaded| {
        let text = environment.get_template(&loaded.name).ok();
        text.map_or_else(origin::Kept::default, |template| {
            origin::Kept::of(template.source(), loaded)
        })
    };
    loaded.iter().map(kept).collect()
}

/// Parses what came out, and leads everything back to where it was written.
fn read(
    text: String,
    path: &BStr,
    variables: &Variables,
    loaded: &[Loaded],
    origins: &Origins,
) -> Parsed {
    let rendered = Arc::new(Source::new(path.to_str_lossy(), text));
    let parsed = document::parse(&rendered, format_of(path));
    let back = origin::Back {
        rendered: &rendered,
        origins,
        sources: loaded,
    };
    let findings = parsed.findings.iter();
    let findings: Vec<Finding> = findings
        .map(|finding| fault::of_rendered(finding, &back, variables))
        .collect();
    let documents = parsed.documents.into_iter().map(|document| Document {
        source: Arc::clone(&loaded[0].source),
        root: Arc::new(back.value(&document.root)),
        ..document
    });
    Parsed {
        documents: documents.collect(),
        findings,
    }
}
