//! A document in another format, and what that format cannot say.

mod body;
mod loss;
mod rules;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use body::{CommentCount, ConvertBody, SCHEMA};
pub use rules::RULES;

use crate::config::ParsedFile;
use crate::document::{
    Comments, Document, Format, NOT_UTF8, Parsed, Value, parse, write_json, write_toml, write_yaml,
};
use crate::error::{Error, Result};
use crate::report::{Finding, Report, Severity};
use crate::text::Source;
use loss::Losses;
use rules::NOT_REPRESENTABLE;

/// How to convert.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The format that the text is in.
    pub from: Format,
    /// The format wanted.
    pub to: Format,
    /// Which document of a file with several, counted from 1.
    pub document: Option<usize>,
    /// Whether to go on without what the format cannot say.
    pub lossy: bool,
}

/// Writes a document in another format, its comments with it where the format has any; what is
/// lost on the way is a finding each. Where data would be lost, nothing is written, but for
/// [`lossy`](Options::lossy).
///
/// # Errors
///
/// Where there is no document of the number asked for.
pub fn convert(file: &ParsedFile, options: &Options) -> Result<Report<ConvertBody>> {
    let source = &file.source;
    let parsed = match file.findings().find(|finding| *finding.rule == NOT_UTF8) {
        Some(finding) => Parsed {
            documents: Vec::new(),
            findings: vec![finding.clone()],
        },
        None => parse(source, options.from),
    };
    let mut body = ConvertBody {
        file: source.name().to_owned(),
        from: options.from,
        to: options.to,
        document: options.document,
        text: None,
        comments: CommentCount::default(),
    };
    let revision = source.revision().map(str::to_owned);
    if parsed.is_broken() {
        return Ok(Report::new(revision, parsed.findings, body));
    }
    let mut findings = parsed.findings;
    let documents = &parsed.documents;
    let document = match options.document {
        Some(number) => number_of(documents, number, source)?,
        None if options.from == options.to => {
            body.text = Some(source.text().to_owned());
            return Ok(Report::new(revision, findings, body));
        }
        None => match &documents[..] {
            [document] => document,
            _ => {
                findings.push(several(documents, options));
                return Ok(Report::new(revision, findings, body));
            }
        },
    };
    let mut losses = Losses::new(document, options);
    let value = losses.mend(&document.root);
    findings.extend(losses.findings);
    let comments = Comments::of(document, documents);
    body.comments.found = comments.len();
    let is_lost = |finding: &Finding| finding.severity == Severity::Error;
    if !findings.iter().any(is_lost) {
        match write(&value, options.to) {
            Some(text) => {
                let (text, carried) = comments.put(&text, options.to);
                loss::order(document, &text, options, &mut findings);
                body.comments.carried = carried;
                body.text = Some(text);
            }
            None => findings.push(
                Finding::new(
                    &NOT_REPRESENTABLE,
                    format!("the document nests too deep for {}", options.to),
                    document.location(document.root.span),
                )
                .with_help("nest less deeply, or choose another format with `--to`"),
            ),
        }
    }
    loss::comments(document, &comments, &body, &mut findings);
    Ok(Report::new(revision, findings, body))
}

fn number_of<'d>(
    documents: &'d [Document],
    number: usize,
    source: &Source,
) -> Result<&'d Document> {
    let found = number.checked_sub(1).and_then(|index| documents.get(index));
    found.ok_or_else(|| {
        let count = documents.len();
        let has = match count {
            1 => "one document".to_owned(),
            _ => format!("{count} documents"),
        };
        Error::not_found(format!(
            "there is no document {number}: `{}` has {has}",
            source.name()
        ))
        .with_help(match count {
            1 => "leave `--document` out".to_owned(),
            _ => format!("name one from 1 to {count}, as in `--document {count}`"),
        })
    })
}

fn several(documents: &[Document], options: &Options) -> Finding {
    let second = &documents[1];
    Finding::new(
        &NOT_REPRESENTABLE,
        format!(
            "the file has {} documents, and a {} file has one",
            documents.len(),
            options.to
        ),
        second
            .location(second.root.span)
            .with_label("the second document"),
    )
    .with_help("choose one of them, such as the first: `--document 1`")
}

/// Writes a value, and makes sure that it reads as the same.
fn write(value: &Value, format: Format) -> Option<String> {
    let text = match format {
        Format::Yaml => write_yaml(value),
        Format::Json => write_json(value),
        Format::Toml => write_toml(value).ok()?,
    };
    let again = parse(&Arc::new(Source::new("", text.as_str())), format);
    let same = !again.is_broken()
        && matches!(&again.documents[..], [document] if *document.root == *value);
    same.then_some(text)
}
