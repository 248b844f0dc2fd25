//! SOPS files between this program and another one, `rops`.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use strata::config::{Configuration, ParsedFile, Snapshot, Vault};
use strata::document::Value;
use strata::ops::secret::sops::{SealedComments, export, import};
use strata::seal::{Ask, Identities, Keys, Recipient, Silent, new_identity};

const PLAIN: &str = r#"# who pays
db:
  password: 'hunter2: # not a comment'
  port: 5432
  ratio: 1.50
  tls: true
  nothing: null
  lines: |
    one
    two
users: [ann, bob]
list:
  - name: a
    key: süß
"#;

/// Runs `rops` on a text; none where it is not installed.
fn rops(arguments: &[&str], key: &str, text: &str) -> Option<String> {
    let run = Command::new("rops")
        .args(arguments)
        .env("ROPS_AGE", key.trim())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut run = run.ok()?;
    run.stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = run.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{text}");
    Some(String::from_utf8(output.stdout).unwrap())
}

struct Place {
    folder: tempfile::TempDir,
    configuration: Configuration,
    ann: Recipient,
    private: String,
    ask: Ask,
    mine: Arc<Identities>,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ask: Ask = Arc::new(Silent);
        let (ann, private) = new_identity();
        let keys = Keys::new();
        let file = keys
            .seal(&[("ann".to_owned(), ann.clone())].into(), &ask)
            .unwrap();
        std::fs::create_dir(folder.path().join("keyrings")).unwrap();
        std::fs::write(folder.path().join("keyrings/prod.age"), file).unwrap();
        let recipient = keys.recipient(1).unwrap();
        let manifest = format!(
            "strata: 1\nlayers: [s.yaml]\nkeyrings:\n  prod: {{recipient: {recipient}, generation: 1}}\n"
        );
        std::fs::write(folder.path().join("strata.yaml"), manifest).unwrap();
        let snapshot = Snapshot::of_folder(folder.path());
        let mine = Identities::read("key.txt", private.expose().as_bytes(), &ask).unwrap();
        Self {
            configuration: Configuration::open(None, snapshot).unwrap(),
            folder,
            ann,
            private: private.expose().to_owned(),
            ask,
            mine: Arc::new(mine),
        }
    }

    fn vault(&self) -> Vault {
        let here = Snapshot::of_folder(self.folder.path());
        self.configuration.vault(&here, self.mine.clone()).unwrap()
    }

    /// Reads a layer as the configuration has it, its secrets opened.
    fn opened(&self, text: &str) -> serde_json::Value {
        std::fs::write(self.folder.path().join("s.yaml"), text).unwrap();
        let here = Snapshot::of_folder(self.folder.path());
        let configuration = Configuration::open(None, here).unwrap();
        let target = configuration.target(None, None).unwrap();
        let resolved = configuration.resolve(&target).unwrap();
        resolved.get_with("", &self.vault()).unwrap()
    }
}

fn said(text: &str) -> Value {
    let file = ParsedFile::of_bytes("s.yaml", text.as_bytes());
    (*file.documents()[0].root).clone()
}

#[test]
fn what_rops_seals_opens_here_and_what_is_sealed_here_opens_there() {
    let it = Place::new();
    let age = it.ann.to_string();
    for more in [
        &[][..],
        &["--encrypted-regex", "^(password|users|lines)$"],
        &["--unencrypted-regex", "^users$"],
        &["--encrypted-suffix", "word"],
    ] {
        let arguments = ["encrypt", "--format", "yaml", "--age", &age];
        let arguments = [&arguments[..], more].concat();
        let Some(sealed) = rops(&arguments, &it.private, PLAIN) else {
            println!("skipped: there is no rops");
            return;
        };
        assert!(!sealed.contains("hunter2"));
        let values = it.opened(&sealed);
        assert_eq!(Value::from_json(&values), said(PLAIN), "{more:?}");

        let file = ParsedFile::of_bytes("s.yaml", sealed.as_bytes());
        let keyring = ("prod", &it.configuration.manifest().keyrings["prod"]);
        let comments = SealedComments::Drop;
        let ours = import(&file, b"s.yaml".into(), &it.mine, keyring, comments).unwrap();
        assert_eq!(Value::from_json(&it.opened(&ours.text)), said(PLAIN));

        let file = ParsedFile::of_bytes("s.yaml", ours.text.as_bytes());
        let to = std::slice::from_ref(&it.ann);
        let theirs = export(&file, &it.vault(), to, 1_767_225_600, &it.ask).unwrap();
        assert!(!theirs.text.contains("hunter2"));
        let back = rops(&["decrypt", "--format", "yaml"], &it.private, &theirs.text);
        assert_eq!(said(&back.unwrap()), said(PLAIN), "{more:?}");
    }
}
