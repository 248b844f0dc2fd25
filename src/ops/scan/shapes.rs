//! What a secret looks like in any text.

use std::ops::Range;
use std::sync::LazyLock;

use bstr::Finder;

use super::forms::{self, has_start};
use super::proof::{entropy, is_placeholder, is_summed};
use super::words;

/// Something in a text that looks like a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// What it is, as in "a GitHub token".
    pub(super) shape: &'static str,
    /// Whether nothing else looks like that.
    pub(super) is_sure: bool,
    /// What is pointed at.
    pub(super) shown: Range<usize>,
    /// What nobody may see.
    pub(super) secret: Range<usize>,
    /// What it is known by, where that is not the secret itself.
    pub(super) known_by: Option<String>,
    /// The key whose value it is.
    pub(super) key: Option<Range<usize>>,
}

impl Hit {
    /// Makes a hit that nothing else looks like; its first letters are pointed at.
    pub(super) fn sure(shape: &'static str, secret: Range<usize>) -> Self {
        let shown = secret.start..secret.end.min(secret.start + 3);
        Self {
            shape,
            is_sure: true,
            shown,
            secret,
            known_by: None,
            key: None,
        }
    }
}

/// What a kind of secret looks like.
struct Shape {
    name: &'static str,
    /// What it holds, one of these: looked for first.
    literals: &'static [&'static str],
    form: Form,
}

enum Form {
    /// The literal and so many letters of an alphabet, at least and at most.
    Run(fn(u8) -> bool, usize, usize),
    /// The literal and 36 letters, the last six of which are a checksum.
    Summed,
    /// What a function finds, given the text and where the literal stands.
    Other(fn(&str, usize) -> Option<Hit>),
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn dotted(byte: u8) -> bool {
    url(byte) || byte == b'.'
}

fn base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

fn slashed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'/'
}

fn hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

const fn run(
    name: &'static str,
    literals: &'static [&'static str],
    alphabet: fn(u8) -> bool,
    least: usize,
    most: usize,
) -> Shape {
    Shape {
        name,
        literals,
        form: Form::Run(alphabet, least, most),
    }
}

const fn other(
    name: &'static str,
    literals: &'static [&'static str],
    find: fn(&str, usize) -> Option<Hit>,
) -> Shape {
    Shape {
        name,
        literals,
        form: Form::Other(find),
    }
}

static SHAPES: &[Shape] = &[
    other(
        "an age identity",
        &["AGE-SECRET-KEY-", "age-secret-key-"],
        forms::age,
    ),
    other("a private key", &["PRIVATE KEY"], forms::pem),
    other("a private key", &["PuTTY-User-Key-File-"], forms::putty),
    other("a JSON web token", &["eyJ"], forms::jwt),
    other("a secret access key of AWS", &["AKIA", "ASIA"], forms::aws),
    Shape {
        name: "a GitHub token",
        literals: &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        form: Form::Summed,
    },
    Shape {
        name: "an npm token",
        literals: &["npm_"],
        form: Form::Summed,
    },
    run("a GitHub token", &["github_pat_"], url, 82, 82),
    run(
        "a GitLab token",
        &["glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glsoat-"],
        dotted,
        20,
        300,
    ),
    run(
        "a Slack token",
        &[
            "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xapp-",
        ],
        url,
        24,
        255,
    ),
    run(
        "a Slack webhook",
        &["hooks.slack.com/services/"],
        slashed,
        40,
        80,
    ),
    run("a Stripe key", &["sk_live_", "rk_live_"], word, 20, 250),
    run("a webhook secret of Stripe", &["whsec_"], word, 32, 64),
    run("a Google API key", &["AIza"], url, 35, 35),
    run("a Google OAuth secret", &["GOCSPX-"], url, 28, 28),
    run(
        "a PyPI token",
        &["pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw"],
        url,
        50,
        600,
    ),
    run("an Anthropic key", &["sk-ant-"], url, 80, 200),
    run(
        "an OpenAI key",
        &["sk-proj-", "sk-svcacct-", "sk-admin-"],
        url,
        40,
        250,
    ),
    run("a SendGrid key", &["SG."], dotted, 66, 66),
    run(
        "a DigitalOcean token",
        &["dop_v1_", "doo_v1_", "dor_v1_"],
        hex,
        64,
        64,
    ),
    run("a Hugging Face token", &["hf_"], word, 34, 37),
    run(
        "a HashiCorp Vault token",
        &["hvs.", "hvb.", "hvr."],
        url,
        24,
        300,
    ),
    run("a Docker token", &["dckr_pat_", "dckr_oat_"], url, 27, 40),
    run("a Databricks token", &["dapi"], hex, 32, 32),
    run("a crates.io token", &["cio"], word, 32, 32),
    run("a RubyGems key", &["rubygems_"], hex, 48, 48),
    run(
        "a Shopify token",
        &["shpat_", "shpca_", "shppa_", "shpss_"],
        hex,
        32,
        32,
    ),
    run("a Grafana token", &["glsa_"], url, 41, 41),
    run("a New Relic key", &["NRAK-"], word, 27, 27),
    run("a Postman key", &["PMAK-"], url, 59, 59),
    run("a Linear key", &["lin_api_"], word, 40, 40),
    run("a Pulumi token", &["pul-"], hex, 40, 40),
    run("a Supabase token", &["sbp_"], hex, 40, 40),
    run("a Tailscale key", &["tskey-"], url, 20, 100),
    run("an Azure storage key", &["AccountKey="], base64, 88, 88),
    other("a password in a URL", &["://"], forms::url_password),
];

static FINDERS: LazyLock<Vec<(usize, &'static Shape, Finder<'static>)>> = LazyLock::new(|| {
    let each = |shape: &'static Shape| {
        let literals = shape.literals.iter();
        literals.map(move |literal| (literal.len(), shape, Finder::new(literal)))
    };
    SHAPES.iter().flat_map(each).collect()
});

/// Finds what looks like a secret, in order of place; with `words`, what a key calls one, too.
pub(super) fn hits(text: &str, with_words: bool) -> Vec<Hit> {
    let mut found = Vec::new();
    for (literal, shape, finder) in &*FINDERS {
        let mut at = 0;
        while let Some(next) = finder.find(&text.as_bytes()[at..]) {
            let start = at + next;
            found.extend(shape.at(text, start, *literal));
            at = start + literal;
        }
    }
    if with_words {
        words::hits(text, &mut found);
    }
    found.sort_by_key(|hit| (hit.secret.start, !hit.is_sure));
    let mut kept: Vec<Hit> = Vec::with_capacity(found.len());
    for hit in found {
        match kept.last_mut() {
            Some(last) if hit.secret.start < last.secret.end => {
                last.secret.end = last.secret.end.max(hit.secret.end);
            }
            _ => kept.push(hit),
        }
    }
    kept
}

impl Shape {
    fn at(&self, text: &str, start: usize, literal: usize) -> Option<Hit> {
        let (alphabet, least, most, is_summed_form): (fn(u8) -> bool, _, _, _) = match self.form {
            Form::Other(find) => {
                let hit = find(text, start)?;
                return Some(Hit {
                    shape: self.name,
                    ..hit
                });
            }
            Form::Run(alphabet, least, most) => (alphabet, least, most, false),
            Form::Summed => (word, 36, 36, true),
        };
        if !has_start(text, start) {
            return None;
        }
        let bytes = &text.as_bytes()[start + literal..];
        let count = bytes.iter().take(most + 1).take_while(|it| alphabet(**it));
        let count = count.count();
        let tail = &text[start + literal..start + literal + count];
        if count < least || count > most || entropy(tail.as_bytes()) < 2.5 || is_placeholder(tail) {
            return None;
        }
        let hit = Hit::sure(self.name, start..start + literal + count);
        Some(Hit {
            is_sure: !is_summed_form || is_summed(tail),
            ..hit
        })
    }
}
