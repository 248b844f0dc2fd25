//! Nothing shows a secret: secrets are seeded, every command is run on them in every format, and
//! all that comes out or is left behind is searched.
//!
//! What is sealed must show nowhere. What stands for all to read, in fields that the schema calls
//! secrets, must not be shown by commands that speak of values. `diff`, `diff-driver`, `textconv`,
//! `merge-driver` and `convert` work on the text of files as it stands, and so does a `--patch`:
//! these are searched for sealed values alone. `--reveal`, `secret open`, `secret exec` and the
//! text in the editor are the answer that was asked for, and run only where they fail.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;

use assert_fs::TempDir;

use super::harness::{Ran, hermetic};

const FORMATS: [&str; 8] = [
    "human", "json", "sarif", "junit", "markdown", "github", "gitlab", "html",
];

const MANIFEST: &str = "\
strata: 1
schemas: [schema/app.yaml]
versions: 'v*'
migrations: migrations/
layers:
  - config/base.yaml
  - config/more.json
  - config/extra.toml
  - config/{environment}.yaml
  - config/services/{service}.yaml.j2
services: config/services/*
environments:
  dev: {}
  prod: {follows: dev}
";

const SCHEMA: &str = "\
type: object
properties:
  db:
    properties:
      password: {type: string, writeOnly: true, minLength: 8}
      pin: {type: integer, x-secret: true}
      port: {type: integer}
  tls: {properties: {key: {type: string, x-secret: true}}}
  tokens: {type: array, items: {type: string, x-secret: true}}
  json: {properties: {key: {type: string, x-secret: true}}}
  toml: {properties: {key: {type: string, x-secret: true}}}
  admin:
    properties:
      passphrase: {type: string, writeOnly: true}
      level: {type: integer}
  ldap: {properties: {password: {type: string, format: password}, host: {type: string}}}
  hooks: {type: array, items: {type: string, x-secret: true}}
  vault: {type: object, x-secret: true}
  cart: {properties: {key: {type: string, x-secret: true}, size: {type: integer}}}
";

/// The secrets that are sealed, old and new: the key, the file, whether it is YAML, the text.
const SEALED: [(&str, &str, bool, &str); 9] = [
    (
        "db.password",
        "config/base.yaml",
        false,
        "wisteria\"quagmire\\08",
    ),
    (
        "db.password",
        "config/base.yaml",
        false,
        "wistfully: gossamer#09",
    ),
    ("db.pin", "config/base.yaml", true, "7351938264501"),
    (
        "tls.key",
        "config/base.yaml",
        false,
        "hollyhock first\nsnapdragon second\n",
    ),
    (
        "tokens",
        "config/base.yaml",
        true,
        "[periwinkle-1, larkspurred-2]",
    ),
    (
        "json.key",
        "config/more.json",
        false,
        "bellflower/äé?&zinnias=",
    ),
    (
        "toml.key",
        "config/extra.toml",
        false,
        "chrysanthemum'''\"\"\"x",
    ),
    ("db.password", "config/prod.yaml", false, "honeysuckle$(id)"),
    ("db.password", "config/dev.yaml", false, "peppermint`id`"),
];

/// What the commands read on the standard input, and seal.
const FRESH: &str = "plumbago freshly-dropped";

/// The secrets that stand for all to read, old and new.
const PLAIN: [&str; 14] = [
    "Aquamarine-old",
    "Burgundies-new",
    "Chartreuse-prod",
    "Dandelions-dev",
    "Eggplants-list",
    "Fuchsiaxx-list",
    "Gamboges-vault",
    "9182736450918",
    "Heliotrope-tpl",
    "Indigoish-tpl",
    "Jacaranda-json",
    "Lavendish-json",
    "Malachite-toml",
    "Nightshade two",
];

const POLICY: &str = "policy: 1
repository: shop
roles:
  all: [config.write, schema.write, template.write, secret.write, telemetry.write, land, policy.admin]
  lead: [approve]
bindings:
  - { who: [ann], role: all }
  - { who: [lea], role: lead }
approvals:
  - { needed: 2, from: lead }
";

struct Seeded {
    folder: TempDir,
}

/// What a run is of.
struct Run<'a> {
    words: Vec<String>,
    env: Vec<(&'a str, String)>,
    input: &'a str,
}

impl Seeded {
    fn root(&self) -> PathBuf {
        self.folder.path().join("place")
    }

    /// A copy to change.
    fn copy(&self) -> Self {
        let folder = TempDir::new().unwrap();
        let copied = std::process::Command::new("cp")
            .arg("-a")
            .arg(self.root())
            .arg(folder.path())
            .status();
        assert!(copied.unwrap().success());
        Self { folder }
    }

    fn work(&self) -> PathBuf {
        self.root().join("work")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.work().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.work().join(path)).unwrap()
    }

    fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.text(path);
        assert!(text.contains(from), "{from} is not in {path}:\n{text}");
        self.write(path, &text.replace(from, to));
    }

    fn git(&self, words: &[&str]) -> Vec<u8> {
        let output = hermetic("git", &self.work()).args(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        output.stdout
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&[
            "commit",
            "-q",
            "--no-verify",
            "--allow-empty",
            "-m",
            message,
        ]);
    }

    fn run(&self, run: &Run<'_>) -> Ran {
        let mut child = hermetic(env!("CARGO_BIN_EXE_git-strata"), &self.work())
            .args(&run.words)
            .env("HOME", self.root().join("home"))
            .env("TMPDIR", self.root().join("tmp"))
            .envs(run.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who does not read it may be gone already.
        let _ = child.stdin.take().unwrap().write_all(run.input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Ran {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn key(&self, name: &str) -> String {
        self.root().join(name).display().to_string()
    }

    /// Has ann sign all commits, and lea to be asked, where there is an `ssh-keygen`.
    fn sign(&self) {
        let mut signers = String::new();
        for name in ["ann", "lea"] {
            let mut command = hermetic("ssh-keygen", &self.root());
            let made = command.args(["-q", "-t", "ed25519", "-N", "", "-f", &self.key(name)]);
            if made.output().is_err() {
                return;
            }
            let public = std::fs::read_to_string(self.key(&format!("{name}.pub"))).unwrap();
            signers.push_str(&format!("{name} {public}"));
        }
        self.write("allowed_signers", &signers);
        self.write("policy.yaml", POLICY);
        for (name, value) in [
            ("gpg.format", "ssh"),
            ("user.signingKey", &self.key("ann")),
            ("commit.gpgSign", "true"),
        ] {
            self.git(&["config", name, value]);
        }
    }

    /// Puts the keys of somebody else where they are named.
    fn named(&self, words: &str) -> String {
        let read = |name: &str| std::fs::read_to_string(self.key(name)).unwrap();
        let private = read("wrong.txt");
        let private = private.lines().find(|line| line.starts_with("AGE-"));
        let words = words.replace("@public", &read("public.txt"));
        let words = words.replace("@lea", &self.key("lea"));
        words.replace("@private", private.unwrap())
    }

    fn made(&self, words: &str, input: &str) -> Ran {
        let key = self.key("key.txt");
        let env = vec![("STRATA_IDENTITY_FILE", key)];
        let words = words_of(words);
        let ran = self.run(&Run { words, env, input });
        assert_eq!(ran.status, 0, "{}", ran.all());
        ran
    }

    fn plant() -> Self {
        let it = Self {
            folder: TempDir::new().unwrap(),
        };
        for folder in ["work", "home", "tmp"] {
            std::fs::create_dir_all(it.root().join(folder)).unwrap();
        }
        it.git(&["init", "-q", "-b", "main"]);
        it.write("strata.yaml", MANIFEST);
        it.sign();
        it.write("schema/app.yaml", SCHEMA);
        it.write("config/base.yaml", "# all\ndb: {port: 5432}\nldap: {password: Aquamarine-old, host: ldap}\nhooks: [Eggplants-list, Fuchsiaxx-list]\nvault:\n  any: Gamboges-vault\n  number: 9182736450918\n");
        it.write(
            "config/more.json",
            "{\"admin\": {\"passphrase\": \"Jacaranda-json\", \"level\": 1}}\n",
        );
        it.write("config/extra.toml", "[toml]\nkey = \"Malachite-toml\"\n");
        it.write("config/dev.yaml", "db: {port: 1}\nadmin: {level: 3}\n");
        it.write(
            "config/prod.yaml",
            "admin:\n  passphrase: Chartreuse-prod\n  level: 2\n",
        );
        it.write(
            "config/services/cart.yaml.j2",
            "cart:\n  key: Heliotrope-tpl\n  size: 1\n",
        );
        it.commit("start");
        it.git(&["tag", "v1.0.0"]);
        let made = it.made(&format!("secret identity --to {}", it.key("key.txt")), "");
        let other = it.made(&format!("secret identity --to {}", it.key("wrong.txt")), "");
        std::fs::write(it.key("fresh.key.txt"), FRESH).unwrap();
        std::fs::write(it.key("public.txt"), other.out.trim()).unwrap();
        let public = made.out.trim();
        it.made(&format!("secret keyring new all --member ann={public}"), "");
        for (key, layer, is_yaml, text) in SEALED {
            let yaml = if is_yaml { " --yaml" } else { "" };
            it.made(&format!("secret seal {key} --layer {layer}{yaml}"), text);
        }
        it.replace("config/base.yaml", "Aquamarine-old", "Burgundies-new");
        it.replace("config/more.json", "Jacaranda-json", "Lavendish-json");
        it.replace(
            "config/services/cart.yaml.j2",
            "Heliotrope-tpl",
            "Indigoish-tpl",
        );
        it.replace(
            "config/dev.yaml",
            "level: 3",
            "level: 3, passphrase: Dandelions-dev",
        );
        it.write(
            "config/prod.yaml",
            &format!(
                "{}ldap: {{password: Nightshade two}}\n",
                it.text("config/prod.yaml")
            ),
        );
        it.commit("changed");
        let schema = SCHEMA
            .replace("passphrase:", "passcode:")
            .replace("ldap: {properties: {password:", "ldap: {properties: {word:");
        it.git(&["checkout", "-q", "-b", "next"]);
        it.write(
            "schema/app.yaml",
            &schema.replace("vault: {type: object", "vault: {type: string"),
        );
        it.write("migrations/2.0.0.yaml", "strata-migration: 1\nsteps:\n  - rename: admin.passphrase\n    to: passcode\n    why: shorter\n  - remove: cart.size\n    why: gone\n");
        it.commit("next");
        it.git(&["tag", "v2.0.0"]);
        it.git(&["checkout", "-q", "main"]);
        it
    }

    /// All that is in files and in Git's objects.
    fn left_behind(&self) -> Vec<(String, Vec<u8>)> {
        fn walk(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, found);
                } else if !path.is_symlink() {
                    found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.root(), &mut found);
        found.retain(|(name, _)| !name.ends_with("key.txt") && !name.ends_with("wrong.txt"));
        let objects = self.git(&["cat-file", "--batch", "--batch-all-objects"]);
        found.push(("Git's objects".to_owned(), objects));
        found
    }
}

fn words_of(words: &str) -> Vec<String> {
    let words = words.split_whitespace();
    words.map(|word| word.replace('␣', " ")).collect()
}

/// What must not be seen of secrets.
struct Needles(Vec<String>);

impl Needles {
    fn of<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let mut all = BTreeSet::new();
        for secret in secrets {
            let secret = secret.trim_end();
            all.insert(secret.to_owned());
            all.insert(
                serde_json::to_string(secret)
                    .unwrap()
                    .trim_matches('"')
                    .to_owned(),
            );
            all.insert(secret.replace('\'', "''"));
            all.insert(escaped(secret));
            for skip in 0..3 {
                all.insert(base64(secret.as_bytes().get(skip..).unwrap_or_default()));
            }
            let parts = secret.split(|it: char| !it.is_alphanumeric());
            all.extend(parts.filter(|it| it.len() >= 8).map(str::to_owned));
        }
        Self(all.into_iter().filter(|it| it.len() >= 8).collect())
    }

    fn in_bytes(&self, bytes: &[u8]) -> Option<&str> {
        let found = |needle: &&String| bstr::ByteSlice::contains_str(bytes, needle.as_str());
        self.0.iter().find(found).map(String::as_str)
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(byte as char)
            }
            _ => write!(out, "%{byte:02X}").unwrap(),
        }
    }
    out
}

/// Whole groups of three bytes alone: what follows does not change them.
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for group in bytes.chunks_exact(3) {
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for shift in [18, 12, 6, 0] {
            out.push(SIGNS[(bits >> shift & 63) as usize] as char);
        }
    }
    out
}

/// The runs of a command: words, and `+` before those whose answer holds the text of files, which
/// are searched for sealed values alone. None where it is not known.
fn runs(command: &str) -> Option<&'static [&'static str]> {
    Some(match command {
        "init" => &["init", "init --list"],
        "demo" => &["demo shown"],
        "check" => &[
            "check",
            "check --staged",
            "check HEAD~3..HEAD",
            "check v1.0.0..v2.0.0",
            "check --gate",
            "check config/base.yaml config/prod.yaml --schema schema/app.yaml",
            "check config/base.yaml config/more.json config/prod.yaml --schema v2.0.0:schema/app.yaml",
        ],
        "get" => &[
            "get db --env prod",
            "get tls.key",
            "get tokens",
            "get hooks",
            "get hooks.1",
            "get vault",
            "get vault.any",
            "get db.pin",
            "get json",
            "get toml",
            "get ldap",
            "get admin.passphrase --env prod --service cart",
            "get vault.nay",
            "get cart.key --env dev --service cart",
            "get /",
            "get db.password.more",
        ],
        "show" => &[
            "show",
            "show --env prod --service cart",
            "show --env dev --service cart --blame",
            "show ldap --env prod --blame",
            "show --explain admin.passphrase --env prod",
            "show --explain vault",
            "show --explain hooks",
            "show --explain hooks.0",
            "show --explain admin --env prod",
            "show --explain db --env prod",
            "show --explain cart --env prod --service cart",
            "show db.password --env dev",
            "show --explain vault.number",
        ],
        "set" => &[
            "set db.port=7 --env prod --dry-run",
            "set admin.passphrase=Chartreuse-prod --env dev -m x",
            "set vault.any=Gamboges-vault -m x",
            "set admin.level=9 --env prod --dry-run",
            "set admin.level=Notasecret --env prod --dry-run",
            "set admin=Notasecret --env prod --dry-run",
            "set --unset admin.passphrase --env prod --dry-run",
            "set --unset ldap --dry-run",
            "set --unset tokens --dry-run",
            "set hooks.0=1 --dry-run",
            "set vault=1 --dry-run",
            "set cart.size=5 --service cart --env prod --dry-run",
            "+set admin.level=9 --env prod --patch",
            "set admin.level=8 --env prod -m level",
        ],
        "diff" => &[
            "+diff v1.0.0 HEAD",
            "+diff v1.0.0 v2.0.0",
            "+diff HEAD~1:config/base.yaml config/base.yaml",
            "+diff config/dev.yaml config/prod.yaml",
        ],
        "diff-driver" => {
            &["+diff-driver config/base.yaml config/base.yaml 0 100644 config/prod.yaml 0 100644"]
        }
        "textconv" => &["+textconv config/base.yaml"],
        "audit" => &["audit", "audit v1.0.0..HEAD", "audit --anchor v1.0.0"],
        "audit tags" => &["audit tags"],
        "audit log" => &["audit log", "audit log --verify"],
        "policy check" => &[
            "policy check v1.0.0..HEAD",
            "policy check v1.0.0..v2.0.0 --ref main",
        ],
        "policy show" => &["policy show"],
        "policy pending" => &["policy pending v1.0.0..HEAD"],
        "policy approve" => &[
            "policy approve v1.0.0..HEAD --ref main --key @lea",
            "policy approve v1.0.0..HEAD --ref main --key nowhere",
        ],
        "policy withdraw" => &[
            "policy withdraw v1.0.0..HEAD --ref main --key @lea",
            "policy withdraw v1.0.0..HEAD --ref main --key nowhere",
        ],
        "log" => &[
            "log db.password --env prod",
            "log db",
            "log ldap --env prod",
            "log ldap.password",
            "log hooks",
            "log vault",
            "log vault.any",
            "log admin --env dev",
            "log admin.passphrase --env prod",
            "log cart --env prod --service cart",
            "log cart.key --env prod --service cart",
            "log tokens",
            "log db.pin",
            "log hooks.0",
        ],
        "blame" => &[
            "blame config/base.yaml",
            "blame config/prod.yaml",
            "blame config/dev.yaml --path admin",
            "blame config/more.json",
            "blame config/extra.toml",
            "blame config/base.yaml --rev v1.0.0",
            "blame config/services/cart.yaml.j2",
            "blame config/base.yaml --path vault",
        ],
        "drift" => &[
            "drift",
            "drift --all",
            "drift --peers dev prod",
            "drift v1.0.0 HEAD",
            "drift dev prod@v1.0.0 --all",
            "drift --since v1.0.0",
            "drift dev prod --fix --dry-run",
            "drift dev prod --path admin --service cart",
            "drift HEAD v2.0.0 --all",
            "+drift dev prod --fix --patch",
        ],
        "drift accept" => &[
            "drift accept admin.level --reason why --expires 2031-01-31",
            "drift accept admin.passphrase --reason why --expires 2031-01-31",
            "drift accept db.password --reason why --expires 2031-01-31",
            "drift",
        ],
        "promote" => &[
            "promote dev prod --dry-run",
            "promote dev prod --all --dry-run",
            "promote prod dev --all --dry-run",
            "promote dev prod --path admin.passphrase --dry-run",
            "+promote dev prod --all --patch",
            "promote dev prod --all",
        ],
        "compat" => &[
            "compat v1.0.0..v2.0.0",
            "compat v2.0.0..v1.0.0",
            "compat v1.0.0..v2.0.0 --profile strict",
            "compat --each v1.0.0..v2.0.0",
            "compat --changelog v1.0.0..v2.0.0",
            "compat v1.0.0..v2.0.0 --instances config/*.yaml",
            "compat v1.0.0:schema/app.yaml v2.0.0:schema/app.yaml --instances config/**",
            "compat v1.0.0..v2.0.0 --accept --reason why --expires 2031-01-01",
        ],
        "convert" => &[
            "+convert config/base.yaml --to json",
            "+convert config/more.json --to yaml",
            "+convert config/extra.toml --to yaml",
            "+convert config/base.yaml --to toml",
        ],
        "upgrade" => &[
            "upgrade --from v1.0.0 --to v2.0.0 config/base.yaml",
            "upgrade --from v1.0.0 --to v2.0.0 --all",
            "upgrade --from v1.0.0 --to v2.0.0 --env prod",
            "upgrade --from v2.0.0 --to v1.0.0 config/prod.yaml",
            "upgrade --from v1.0.0 --to v2.0.0 config/prod.yaml --pin-defaults",
            "upgrade --from v1.0.0 --to v2.0.0 config/more.json config/extra.toml config/dev.yaml",
            "upgrade --from v1.0.0 --to v2.0.0 --write config/prod.yaml config/more.json",
        ],
        "migration new" => &[
            "migration new --from v1.0.0 --to 2.0.0",
            "migration new --from v1.0.0 --to v2.0.0 --write",
        ],
        "migration check" => &["migration check", "migration check v1.0.0..v2.0.0"],
        "migration test" => &["migration test"],
        "migration show" => &["migration show --rev next"],
        "explain" => &["explain", "explain plain-secret"],
        "secret identity" => &["secret identity --to new-key.txt"],
        "secret keyring new" => &[
            "secret keyring new other --member ann=age1nothing",
            "secret keyring new all --member ann=@public",
            "secret keyring new more --member ann=@public",
        ],
        "secret keyring add" => &[
            "secret keyring add all bob=@private",
            "secret keyring add all bob=@public --dry-run",
            "secret keyring add all bob=@public",
        ],
        "secret keyring remove" => &[
            "secret keyring remove all ann",
            "secret keyring add all bob=@public",
            "secret keyring remove all bob --dry-run",
            "secret keyring remove all bob",
            "secret keyring remove all zoe",
        ],
        "secret keyring rotate" => &[
            "secret keyring rotate all --dry-run",
            "secret keyring rotate all",
        ],
        "secret age" => &["secret age", "secret age --env prod"],
        "secret history" => &[
            "secret history db.password --env prod",
            "secret history db.password",
            "secret history db.password --at HEAD~2",
            "secret history ldap.password",
            "secret history vault",
        ],
        "secret export" => &[
            "+secret export config/base.yaml --sops --to @public",
            "+secret export config/prod.yaml --sops --to @private",
            "+secret export config/more.json --sops --to @public",
        ],
        "secret import" => &[
            "secret import config/base.yaml --keyring all",
            "+secret export config/base.yaml --sops --to @public -o sops.yaml",
            "secret import sops.yaml --keyring all",
            "secret import sops.yaml --keyring nothing",
            "secret import sops.yaml --keyring all --write",
        ],
        "secret recipients" => &["secret recipients", "secret recipients --env prod"],
        "secret seal" => &[
            "secret seal db.password --env prod --dry-run",
            "secret seal tls.key --dry-run",
            "secret seal vault --yaml --dry-run",
            "secret seal db.pin --dry-run",
            "secret seal db.pin --yaml --dry-run",
            "secret seal nothing.here --dry-run",
            "secret seal db --dry-run",
            "secret seal cart.key --service cart --dry-run",
            "secret seal --all --dry-run",
            "secret seal db.port --dry-run",
            "secret seal toml.key",
            "secret seal --all",
        ],
        "secret open" => &["secret open nowhere.yaml"],
        "secret edit" => &[
            "secret edit config/prod.yaml",
            "secret edit config/base.yaml",
            "secret edit config/more.json",
            "secret edit config/extra.toml",
            "secret edit config/services/cart.yaml.j2",
        ],
        "secret rotate" => &[
            "secret rotate db.password --env prod --with cat␣../fresh.key.txt;exit␣3",
            "secret rotate db.password --env prod --with cat␣-␣/nowhere",
            "secret rotate tls.key --with cat␣../fresh.key.txt --dry-run",
            "secret rotate db.pin --with cat␣../fresh.key.txt",
            "secret rotate tokens --with cat␣../fresh.key.txt",
            "secret rotate --all --env prod --with cat␣../fresh.key.txt;exit␣1",
            "secret rotate ldap.password --with cat␣../fresh.key.txt",
            "secret rotate --all --env prod --with cat␣../fresh.key.txt",
        ],
        "secret adopt" => &["secret adopt --dry-run", "secret adopt config/base.yaml"],
        "secret exec" => &[
            "secret exec --env prod -- true",
            "secret exec --only db --env dev -- false",
            "secret exec --only vault -- /nowhere",
        ],
        "secret scan" => &[
            "secret scan",
            "secret scan --history",
            "secret scan --staged",
            "secret scan v1.0.0..HEAD",
        ],
        "hook install" => &[
            "hook install",
            "hook install --server",
            "hook install --scripts",
            "hook install --merge-driver --diff-driver --write",
        ],
        "hook uninstall" => &["hook uninstall"],
        "hook status" => &["hook status"],
        "hook run" => &[
            "hook run pre-commit",
            "hook run pre-push origin nowhere",
            "hook run pre-receive",
            "hook run update refs/heads/main 0000000000000000000000000000000000000000 HEAD",
            "hook run commit-msg config/base.yaml",
        ],
        "merge-driver" => {
            &["+merge-driver config/base.yaml config/dev.yaml config/prod.yaml 7 config/base.yaml"]
        }
        "util completion" => &["util completion bash"],
        "util man" => &["util man"],
        "util schema" => &["util schema check", "util schema manifest"],
        "secret" | "hook" | "util" | "migration" | "policy" | "secret keyring" => &[],
        _ => return None,
    })
}

/// The commands that help names, with those below them.
fn commands(place: &Seeded, above: &str, all: &mut Vec<String>) {
    let help = place.made(&format!("{above} --help"), "").out;
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    for line in listed.filter(|line| line.starts_with("  ") && !line.starts_with("   ")) {
        let name = line.split_whitespace().next().unwrap();
        if name == "help" {
            continue;
        }
        let path = format!("{above} {name}").trim().to_owned();
        all.push(path.clone());
        commands(place, &path, all);
    }
}

struct Search {
    sealed: Needles,
    plain: Needles,
    found: Mutex<Vec<String>>,
}

impl Search {
    fn new() -> Self {
        let sealed = SEALED.iter().map(|(.., text)| *text);
        let mut sealed = Needles::of(sealed.chain([FRESH]));
        sealed.0.push("AGE-SECRET-KEY-1".to_owned());
        sealed.0.push("AGE-SECRET-KEY-1".to_lowercase());
        Self {
            sealed,
            plain: Needles::of(PLAIN.into_iter()),
            found: Mutex::new(Vec::new()),
        }
    }

    fn tell(&self, what: String) {
        self.found.lock().unwrap().push(what);
    }

    fn see(
        &self,
        place: &Seeded,
        what: &str,
        words: &str,
        env: &[(&'static str, String)],
        input: &str,
    ) -> bool {
        let (text_of_files, words) = match words.strip_prefix('+') {
            Some(words) => (true, words),
            None => (false, words),
        };
        let ran = place.run(&Run {
            words: words_of(&place.named(words)),
            env: env.to_vec(),
            input,
        });
        let env: Vec<_> = env
            .iter()
            .map(|(name, value)| format!("{name}={}", value.rsplit('/').next().unwrap()))
            .collect();
        let said = || {
            format!(
                "{what}: {} git strata {words}\n{}",
                env.join(" "),
                ran.all()
            )
        };
        // A panic is no answer.
        if !(0..=3).contains(&ran.status) {
            self.tell(format!("ended with {}\n{}", ran.status, said()));
        }
        let streams = [ran.out.as_bytes(), ran.err.as_bytes()];
        for stream in streams {
            let plain = self.plain.in_bytes(stream).filter(|_| !text_of_files);
            if let Some(seen) = self.sealed.in_bytes(stream).or(plain) {
                self.tell(format!("LEAK `{seen}` in {}", said()));
            }
        }
        ran.status < 2
    }

    fn see_left_behind(&self, place: &Seeded, what: &str) {
        for (name, bytes) in place.left_behind() {
            if name.ends_with("new-key.txt") {
                continue;
            }
            let outside = !name.contains("/work/") && !name.starts_with("Git");
            let plain = self.plain.in_bytes(&bytes).filter(|_| outside);
            if let Some(seen) = self.sealed.in_bytes(&bytes).or(plain) {
                self.tell(format!("LEAK `{seen}` in {name}, left by {what}"));
            }
        }
    }

    /// Gives what was found, the commands that leak most first said once each.
    fn finish(self) {
        let found = self.found.into_inner().unwrap();
        assert!(
            found.is_empty(),
            "{} leaks, such as:\n{}",
            found.len(),
            found.iter().take(5).cloned().collect::<Vec<_>>().join("\n")
        );
    }
}

fn each_at_once<T: Sync>(all: &[T], run: impl Fn(&T) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(one) =
                    all.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    run(one);
                }
            });
        }
    });
}

#[test]
fn no_command_shows_a_secret_in_any_format() {
    let seeded = Seeded::plant();
    let search = Search::new();
    let mut all = Vec::new();
    commands(&seeded, "", &mut all);
    assert!(all.len() > 40, "{all:?}");
    each_at_once(&all, |command| {
        let Some(runs) = runs(command) else {
            return search.tell(format!("`{command}` has no runs here: add some"));
        };
        let place = seeded.copy();
        let takes_identity = place
            .made(&format!("{command} -h"), "")
            .out
            .contains("--identity");
        let editor = |does: &str| ("EDITOR", does.to_owned());
        let key = || ("STRATA_IDENTITY_FILE", place.key("key.txt"));
        let wrong = || ("STRATA_IDENTITY_FILE", place.key("wrong.txt"));
        let mut envs = match takes_identity || command.starts_with("secret") {
            true => vec![vec![], vec![wrong()], vec![key()]],
            false => vec![vec![]],
        };
        if command == "secret edit" {
            envs = vec![
                vec![key(), editor("false")],
                vec![wrong(), editor("true")],
                vec![key(), editor("/nowhere/editor")],
                vec![key(), editor("sh -c 'printf %s x: [ >> \"$0\"'")],
                vec![key(), editor("sh -c 'sed -i s/level/Level/ \"$0\"'")],
                vec![key(), editor("sh -c 'rm \"$0\"'")],
                vec![
                    key(),
                    editor(
                        "sh -c 'sed -i \"1s/^/tokens: plumbago: freshly-dropped\\\\n/\" \"$0\"'",
                    ),
                ],
                vec![key(), editor("true")],
            ];
        }
        let input = match command.as_str() {
            "hook run" => {
                "refs/heads/main HEAD refs/heads/main 0000000000000000000000000000000000000000\n"
            }
            _ if command.starts_with("secret") => FRESH,
            _ => "",
        };
        let mut answered = 0;
        let last = envs.len() - 1;
        for (who, env) in envs.into_iter().enumerate() {
            for (number, words) in runs.iter().enumerate() {
                let (mark, bare) = words.split_at(usize::from(words.starts_with('+')));
                // All formats draw the same report: the first run is drawn in all, for who sees most.
                let formats = match number {
                    0 if who == last => &FORMATS[1..],
                    _ => &["json"],
                };
                for format in formats {
                    let words = format!("{mark}--format {format} {bare}");
                    answered += usize::from(search.see(&place, command, &words, &env, input));
                }
                let words = format!("{words} -v");
                answered += usize::from(search.see(&place, command, &words, &env, input));
            }
        }
        // What never answers would show nothing in any case.
        let is_signed = ["policy approve", "policy withdraw"].contains(&command.as_str());
        let cannot = is_signed && !Path::new(&place.key("lea")).exists();
        if answered == 0 && !runs.is_empty() && command != "secret open" && !cannot {
            search.tell(format!("no run of `{command}` answered"));
        }
        search.see_left_behind(&place, command);
    });
    search.finish();
}

/// What breaks a repository: a name, and what is done to the files.
type Breaks = (&'static str, fn(&Seeded));

const BROKEN: &[Breaks] = &[
    ("unclosed YAML", |it| {
        it.replace(
            "config/prod.yaml",
            "passphrase: Chartreuse-prod",
            "passphrase: \"Chartreuse-prod",
        )
    }),
    ("YAML on one line", |it| {
        it.replace(
            "config/prod.yaml",
            "passphrase: Chartreuse-prod",
            "passphrase: x: Chartreuse-prod",
        )
    }),
    ("YAML with a tab", |it| {
        it.replace("config/prod.yaml", "  passphrase: ", "\tpassphrase: ")
    }),
    ("YAML alias", |it| {
        it.replace("config/prod.yaml", "passphrase: ", "passphrase: *")
    }),
    ("YAML tag", |it| {
        it.replace("config/prod.yaml", "passphrase: ", "passphrase: !!int ")
    }),
    ("YAML escape", |it| {
        it.replace(
            "config/prod.yaml",
            "passphrase: Chartreuse-prod",
            "passphrase: \"Chartreuse-prod\\q\"",
        )
    }),
    ("YAML flow", |it| {
        it.replace(
            "config/base.yaml",
            "{password: Burgundies-new, host",
            "{password: Burgundies-new host",
        )
    }),
    ("duplicate key", |it| {
        it.replace(
            "config/base.yaml",
            "{password: Burgundies-new",
            "{host: x, password: Aquamarine-old, password: Burgundies-new",
        )
    }),
    ("unclosed JSON", |it| {
        it.replace("config/more.json", "\"Lavendish-json\"", "\"Lavendish-json")
    }),
    ("bare JSON", |it| {
        it.replace("config/more.json", "\"Lavendish-json\"", "Lavendish-json")
    }),
    ("bare TOML", |it| {
        it.write("config/extra.toml", "[toml]\nkey = Malachite-toml\n")
    }),
    ("unclosed TOML", |it| {
        it.write("config/extra.toml", "[toml]\nkey = \"Malachite-toml\n")
    }),
    ("duplicate TOML", |it| {
        it.write(
            "config/extra.toml",
            "[toml]\nkey = \"Malachite-toml\"\nkey = \"Malachite-toml\"\n",
        )
    }),
    ("broken template", |it| {
        it.write(
            "config/services/cart.yaml.j2",
            "cart:\n  key: Indigoish-tpl {{ nothing.there }}\n  size: 1\n",
        )
    }),
    ("unclosed template", |it| {
        it.write(
            "config/services/cart.yaml.j2",
            "cart:\n  key: Indigoish-tpl {{ x\n  size: 1\n",
        )
    }),
    ("template of no YAML", |it| {
        it.write(
            "config/services/cart.yaml.j2",
            "cart:\n  key: 'Indigoish-tpl\n  size: {{ 1 }}\n",
        )
    }),
    ("wrong type", |it| {
        it.write(
            "schema/app.yaml",
            &SCHEMA
                .replace("type: string", "type: boolean")
                .replace("integer", "boolean"),
        )
    }),
    ("wrong list", |it| {
        it.write(
            "schema/app.yaml",
            &SCHEMA.replace("items: {type: string", "maxItems: 1, items: {type: integer"),
        )
    }),
    ("unique items", |it| {
        it.write(
            "schema/app.yaml",
            &SCHEMA.replace(
                "hooks: {type: array",
                "hooks: {type: array, uniqueItems: true",
            ),
        );
        it.replace("config/base.yaml", "[Eggplants-list,", "[Fuchsiaxx-list,");
    }),
    ("enum", |it| {
        it.write(
            "schema/app.yaml",
            &SCHEMA
                .replace("{type: string", "{enum: [Chart, wisterie, honeysuckl, b]")
                .replace("{type: integer", "{enum: [1, 2, 7351938264]"),
        )
    }),
    ("pattern", |it| {
        it.write(
            "schema/app.yaml",
            &SCHEMA.replace("{type: string", "{type: string, pattern: '^q$'"),
        )
    }),
    ("const", |it| {
        it.write(
            "schema/app.yaml",
            &SCHEMA
                .replace("{type: string", "{const: q")
                .replace("{type: integer", "{const: 12345"),
        )
    }),
    ("not, anyOf, oneOf", |it| {
        it.write(
            "schema/app.yaml",
            &SCHEMA
                .replace(
                    "{type: string",
                    "{anyOf: [{const: q}, {maxLength: 2}, {format: ipv4}]",
                )
                .replace("{type: integer", "{not: {type: integer}"),
        )
    }),
    ("no more options", |it| {
        it.write("schema/app.yaml", &SCHEMA.replace("properties: {", "additionalProperties: false, maxProperties: 0, properties: {").replace("vault: {type: object", "vault: {type: object, additionalProperties: false, maxProperties: 0, propertyNames: {maxLength: 1}"))
    }),
    ("level is wrong", |it| {
        it.replace("config/dev.yaml", "level: 3", "level: high");
        it.replace("config/base.yaml", "host: ldap", "host: 1");
        it.replace("config/more.json", "\"level\": 1", "\"level\": \"1\"");
        it.replace("config/services/cart.yaml.j2", "  size: 1", "  size: many");
    }),
    ("CEL", |it| {
        it.write("schema/app.yaml", &format!("{SCHEMA}x-validations:\n  - {{rule: 'false', messageExpression: '\"it is \" + self.ldap.password + self.vault.any'}}\n  - {{rule: 'self.db.password == \"\"', messageExpression: 'self.db.password'}}\n  - {{rule: 'self.nope', messageExpression: 'self.hooks[0]'}}\n  - {{rule: 'false', messageExpression: 'string(self.ldap)'}}\n"))
    }),
    ("CEL below", |it| {
        it.write("schema/app.yaml", &SCHEMA.replace("writeOnly: true,", "writeOnly: true, x-validations: [{rule: 'self == \"\"', messageExpression: '\"it is \" + self'}],").replace("writeOnly: true}", "writeOnly: true, x-validations: [{rule: 'self == \"\"', messageExpression: '\"it is \" + self'}]}"))
    }),
    ("damaged token", |it| {
        let text = it.text("config/prod.yaml");
        let at = text.find("ENC[").unwrap() + 60;
        it.write(
            "config/prod.yaml",
            &format!("{}AAAA{}", &text[..at], &text[at + 4..]),
        );
    }),
    ("cut token", |it| {
        let text = it.text("config/prod.yaml");
        let at = text.find("ENC[").unwrap() + 60;
        it.write(
            "config/prod.yaml",
            &format!(
                "{}]\"{}",
                &text[..at],
                &text[text[at..].find('\n').unwrap() + at..]
            ),
        );
    }),
    ("moved token", |it| {
        let text = it
            .text("config/prod.yaml")
            .replace("passphrase: Chartreuse-prod", "passwort: x");
        it.write(
            "config/prod.yaml",
            &text
                .replace("password: ENC", "other: ENC")
                .replace("password: \"ENC", "other: \"ENC"),
        );
    }),
    ("corrupt keyring", |it| {
        std::fs::write(
            it.work().join("keyrings/all.age"),
            b"age-encryption.org/v1\n-> X25519 broken\n",
        )
        .unwrap();
    }),
    ("no keyring", |it| {
        std::fs::remove_file(it.work().join("keyrings/all.age")).unwrap()
    }),
    ("another layer's type", |it| {
        it.write("config/prod.yaml", "vault: Nightshade two\nhooks: {a: 1}\n")
    }),
    ("manifest", |it| {
        it.replace("strata.yaml", "strata: 1", "strata: 1\nnothing: 1")
    }),
];

#[test]
fn no_failure_shows_a_secret() {
    // Those that read the files in ways of their own, with an identity where one changes what is
    // read. The formats draw the same findings, and are all gone through above.
    const WORDS: &[(bool, &str)] = &[
        (true, "check --format html"),
        (false, "check --staged --format sarif"),
        (
            false,
            "check config/base.yaml config/more.json config/extra.toml config/prod.yaml --schema schema/app.yaml -v",
        ),
        (false, "show --env prod --service cart -v"),
        (false, "show --explain ldap --env dev"),
        (false, "set admin.level=3 --env prod --dry-run"),
        (false, "log ldap"),
        (false, "blame config/prod.yaml"),
        (false, "blame config/extra.toml"),
        (true, "drift --all"),
        (false, "drift HEAD v2.0.0"),
        (false, "promote dev prod --all --dry-run"),
        (
            false,
            "upgrade --from v1.0.0 --to schema/app.yaml config/base.yaml config/prod.yaml config/more.json config/extra.toml",
        ),
        (
            false,
            "compat HEAD:schema/app.yaml schema/app.yaml --instances config/*",
        ),
        (false, "secret seal --all --dry-run"),
        (
            true,
            "secret rotate db.password --env prod --with cat␣../fresh.key.txt --dry-run",
        ),
        (true, "secret adopt --dry-run"),
        (false, "secret scan --format markdown"),
        (true, "secret edit config/prod.yaml"),
        (false, "+diff HEAD:config config"),
        (false, "+convert config/prod.yaml --to json"),
    ];
    let seeded = Seeded::plant();
    let search = Search::new();
    each_at_once(BROKEN, |(what, does)| {
        let place = seeded.copy();
        does(&place);
        // The index holds it, too, for what reads that.
        place.git(&["add", "-A"]);
        let key = ("STRATA_IDENTITY_FILE", place.key("key.txt"));
        let editor = ("EDITOR", "true".to_owned());
        for (opens, words) in WORDS {
            let input = if words.starts_with("secret") {
                FRESH
            } else {
                ""
            };
            let env = match opens {
                true => vec![key.clone(), editor.clone()],
                false => vec![],
            };
            search.see(&place, what, words, &env, input);
        }
        search.see_left_behind(&place, what);
    });
    search.finish();
}
