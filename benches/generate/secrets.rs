//! A repository of sealed values.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use strata::Result;
use strata::seal::{Ask, Context, Keys, Secret, Silent, Token, new_identity};

use super::git;

/// The file of the private key that opens all, not committed.
pub(crate) const KEY: &str = "key.txt";

/// Builds a repository with so many sealed values in one layer, which a schema marks as secrets.
pub(crate) fn repository(dir: &Path, count: usize) -> Result<()> {
    let (member, private) = new_identity();
    let keys = Keys::new();
    let ask: Ask = Arc::new(Silent);
    let public = keys.recipient(1).expect("it is the first generation");
    let mut schema = "type: object\nproperties:\n".to_owned();
    let mut layer = String::new();
    for number in 0..count {
        let place = Context {
            keyring: "prod".to_owned(),
            document: "base.yaml".to_owned(),
            pointer: format!("/secret{number:04}"),
        };
        let secret = Secret::text(format!("value-{number:04}"));
        let token = Token::seal(&secret, &place, 1, &public)?;
        let _ = writeln!(
            schema,
            "  secret{number:04}: {{type: string, writeOnly: true}}"
        );
        let _ = writeln!(layer, "secret{number:04}: {token}");
    }
    let manifest = format!(
        "strata: 1\nschemas: [schema.yaml]\nlayers: [base.yaml]\nkeyrings:\n  prod: {{recipient: {public}, generation: 1}}\n"
    );
    let keyring = keys.seal(&[("ann".to_owned(), member)].into(), &ask)?;
    let files: [(&str, &[u8]); 6] = [
        ("strata.yaml", manifest.as_bytes()),
        ("schema.yaml", schema.as_bytes()),
        ("base.yaml", layer.as_bytes()),
        ("keyrings/prod.age", &keyring),
        (KEY, private.expose().as_bytes()),
        (".gitignore", b"key.txt\n"),
    ];
    std::fs::create_dir_all(dir.join("keyrings")).expect("the folder can be made");
    for (path, bytes) in files {
        std::fs::write(dir.join(path), bytes).expect("the file can be written");
    }
    git(dir, &["init", "-q", "-b", "main"]);
    git(dir, &["add", "-A"]);
    let who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
    let commit = ["commit", "-q", "-m", "secrets"];
    git(dir, &[&who[..], &commit[..]].concat());
    git(dir, &["branch", "env/staging"]);
    git(dir, &["branch", "env/prod"]);
    Ok(())
}
