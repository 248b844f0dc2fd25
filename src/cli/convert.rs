use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use clap::ValueEnum;
use strata::config::ParsedFile;
use strata::document::Format;
use strata::git::Endpoint;
use strata::ops::convert::{self, Options};
use strata::{Error, Result};

use super::context::{Context, bytes_of};

/// Convert between YAML, JSON and TOML
///
/// The text goes to the standard output, or to the file that -o names. Comments go along between
/// YAML and TOML. What the other format cannot say is told on the standard error: where data
/// would be lost, such as a null in TOML, nothing is written, unless --lossy is given; where only
/// the form is lost, such as an anchor, it is worth knowing.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  git strata convert config/app.yaml --to toml
  git strata convert config/app.yaml -o app.json
  git strata convert v1.2.0:config/app.yaml --to json
  git strata convert all.yaml --document 2 --to toml
  kubectl get deployment web -o json | git strata convert - --from json --to yaml")]
pub(crate) struct Args {
    /// A file, REVISION:PATH, or `-` for the standard input
    file: String,
    /// The format wanted; without it, the extension of the file that -o names tells
    #[arg(long, value_name = "FORMAT")]
    to: Option<Name>,
    /// The format of the file; without it, its extension tells
    #[arg(long, value_name = "FORMAT")]
    from: Option<Name>,
    /// Which document of a file with several, counted from 1
    #[arg(long, value_name = "NUMBER")]
    document: Option<usize>,
    /// Leave out, or write otherwise, what the format cannot say
    #[arg(long)]
    lossy: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Name {
    Yaml,
    Json,
    Toml,
}

impl From<Name> for Format {
    fn from(name: Name) -> Self {
        match name {
            Name::Yaml => Self::Yaml,
            Name::Json => Self::Json,
            Name::Toml => Self::Toml,
        }
    }
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    let named = context.global.output.as_deref();
    let named = named.filter(|_| context.global.format == strata::render::Format::Human);
    let by_name = || Format::of_path(&named?.to_string_lossy());
    let to = args.to.map(Format::from).or_else(by_name).ok_or_else(|| {
        Error::usage("which format is wanted is not said").with_help(
            "say it with `--to yaml`, `--to json` or `--to toml`, or name a file: `-o app.toml`",
        )
    })?;
    let from = args
        .from
        .map(Format::from)
        .or_else(|| Format::of_path(&args.file));
    let from = from.ok_or_else(|| {
        let what = match args.file.as_str() {
            "-" => "the standard input".to_owned(),
            file => format!("`{file}`"),
        };
        Error::usage(format!("which format {what} has is not said"))
            .with_help("say it with `--from yaml`, `--from json` or `--from toml`")
    })?;
    let options = Options {
        from,
        to,
        document: args.document,
        lossy: args.lossy,
    };
    let file = file(&args.file, context)?;
    let report = convert::convert(&file, &options)?;
    let text = report.body.text.clone();
    context.answer_text("convert", report, text.as_deref(), convert::RULES)
}

/// Reads the file that is named.
fn file(name: &str, context: &Context) -> Result<Arc<ParsedFile>> {
    if name == "-" {
        let mut bytes = Vec::new();
        let mut input = std::io::stdin().lock();
        input
            .read_to_end(&mut bytes)
            .map_err(|cause| Error::io("cannot read the standard input", cause))?;
        return Ok(Arc::new(ParsedFile::of_bytes("<stdin>", &bytes)));
    }
    let repo = context.repo_if_any()?;
    let elsewhere = context.global.rev.is_some() || context.global.staged;
    if elsewhere {
        let snapshot = context.snapshot(repo.as_ref())?;
        let path = bytes_of(Path::new(name));
        let missing = || Error::not_found(format!("there is no file `{name}` there"));
        snapshot.file(path.as_ref())?.ok_or_else(missing)
    } else {
        let endpoint = match &repo {
            Some(repo) if !context.path(Path::new(name)).exists() => Some(repo.endpoint(name)?),
            _ => None,
        };
        match (endpoint, &repo) {
            (Some(Endpoint::Blob { revision, path }), Some(repo)) => {
                super::context::blob(repo, &revision, path.as_ref())
            }
            (Some(Endpoint::Revision(_)), _) => {
                Err(Error::usage(format!("`{name}` is a revision, not a file"))
                    .with_help(format!("name a file in it: `{name}:config/app.yaml`")))
            }
            _ => context.file(name),
        }
    }
}
