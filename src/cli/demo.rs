use std::ffi::OsString;
use std::path::PathBuf;

use strata::render::Format;
use strata::report::Report;
use strata::{Result, ops};

use super::context::{Context, print};

/// Build an example repository, and show the main jobs on it
///
/// The example is the configuration of an online shop: six services, three environments on
/// branches of their own, a schema in four releases. Nothing outside the folder is touched.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to build it: a folder that is empty or not there yet
    #[arg(value_name = "DIR", default_value = ops::demo::DEFAULT_FOLDER)]
    dir: PathBuf,
}

pub(crate) fn run(args: Args, context: &mut Context) -> Result<u8> {
    let folder = context.path(&args.dir);
    let demo = ops::demo::build(&folder)?;
    if context.global.format != Format::Human || context.global.output.is_some() {
        return context.answer("demo", &Report::new(None, Vec::new(), demo), ops::NO_RULES);
    }
    for scene in &demo.scenes {
        let head = format!(
            "\n── {} ──\n{}\n\n$ {}\n",
            scene.title,
            scene.text,
            scene.command()
        );
        print(head.as_bytes())?;
        let mut command: Vec<OsString> =
            vec!["git-strata".into(), "-C".into(), folder.clone().into()];
        command.extend(scene.arguments.iter().map(Into::into));
        // A scene may well end with findings: that is what it shows.
        super::main(command);
    }
    print(b"\n")?;
    context.global.quiet = true;
    context.answer("demo", &Report::new(None, Vec::new(), demo), ops::NO_RULES)
}
