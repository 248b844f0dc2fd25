use serde::Serialize;

use super::allowed::Entry;
use super::openpgp;
use super::ssh::{SshSignature, fingerprint, is_ssh};
use super::{AllowedSigners, Certificates, GIT, Revoked};

/// Whose signatures count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signers {
    /// Who may sign with SSH.
    pub allowed: AllowedSigners,
    /// Who may sign with OpenPGP.
    pub certificates: Certificates,
    /// Which keys count no longer.
    pub revoked: Revoked,
}

/// What a signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// A key made it that may sign this, and counted then.
    Good,
    /// It is not of what it stands at, is malformed, or its key is revoked.
    Bad,
    /// It is sound, and nobody is known to have the key.
    Unknown,
    /// It is sound, and the key did not count at that moment.
    Expired,
    /// There is none.
    None,
}

impl Standing {
    /// The name, as JSON has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::None => "none",
        }
    }
}

/// Says whether a text begins like an OpenPGP signature.
fn is_openpgp(armored: &[u8]) -> bool {
    armored.starts_with(b"-----BEGIN PGP SIGNATURE-----")
}

/// What counts as now where OpenPGP signatures are judged, whose keys end by themselves.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'c> {
    /// When keys must not be over, in seconds since 1970.
    pub at: i64,
    /// What is later was made in the future; anything may be where that is not known.
    pub now: Option<i64>,
    /// What the certificates say of themselves since then.
    pub later: &'c Certificates,
}

/// What is known of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it is worth.
    pub standing: Standing,
    /// Who made it: the names on the line that lists the key.
    pub signer: Option<String>,
    /// The key: `SHA256:…`, or `openpgp:…` with the fingerprint of an OpenPGP certificate.
    pub key: Option<String>,
    /// Why it is not good.
    pub reason: Option<String>,
    /// Whether it is not even written as a signature is; Git may look past that.
    pub is_malformed: bool,
}

impl Verdict {
    /// The verdict on what has no signature.
    #[must_use]
    pub fn none() -> Self {
        Self {
            standing: Standing::None,
            signer: None,
            key: None,
            reason: None,
            is_malformed: false,
        }
    }

    /// The verdict on what is not even written as a signature is.
    #[must_use]
    pub fn malformed(reason: impl Into<String>) -> Self {
        Self {
            is_malformed: true,
            ..Self::none().because(Standing::Bad, reason)
        }
    }

    /// Whether it counts.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.standing == Standing::Good
    }

    pub(super) fn because(mut self, standing: Standing, reason: impl Into<String>) -> Self {
        self.standing = standing;
        self.reason = Some(reason.into());
        self
    }
}

impl Signers {
    /// Judges the signature of a commit or tag, made at `moment` (seconds since 1970): one of SSH,
    /// or of OpenPGP.
    #[must_use]
    pub fn verify_object(
        &self,
        payload: &[u8],
        armored: &[u8],
        moment: i64,
        clock: &Clock<'_>,
    ) -> Verdict {
        match is_openpgp(armored) {
            true => openpgp::verify(&self.certificates, &self.revoked, payload, armored, clock),
            false => self.verify(GIT, payload, armored, moment),
        }
    }

    /// Judges an SSH signature over `payload`, made for `namespace` at `moment` (seconds since
    /// 1970).
    #[must_use]
    pub fn verify(&self, namespace: &str, payload: &[u8], armored: &[u8], moment: i64) -> Verdict {
        if !is_ssh(armored) {
            let why = match armored {
                it if is_openpgp(it) => "it is of OpenPGP, and only SSH counts for this",
                it if it.starts_with(b"-----BEGIN SIGNED MESSAGE-----") => {
                    "it is of X.509, and signatures of that kind cannot be verified"
                }
                _ => "it is no SSH signature, and no other kind counts",
            };
            return Verdict::none().because(Standing::Unknown, why);
        }
        let signature = match SshSignature::read(armored) {
            Ok(signature) => signature,
            Err(why) => return Verdict::malformed(why),
        };
        let key = fingerprint(&signature.key);
        let mut verdict = Verdict::none();
        verdict.key = Some(key.clone());
        if let Err(why) = signature.verify(namespace, payload) {
            return verdict.because(Standing::Bad, why);
        }
        let lines = self.allowed.entries().iter();
        let mine = lines.filter(|line| line.key.key_data() == signature.key.key_data());
        let lines: Vec<&Entry> = mine.filter(|line| !line.is_authority).collect();
        if let Some(line) = lines.first() {
            verdict.signer = Some(line.principals.clone());
        }
        if self.revoked.has(&key) {
            return verdict.because(Standing::Bad, "its key is revoked");
        }
        if let Some(line) = counted(&lines, namespace, moment) {
            verdict.standing = Standing::Good;
            verdict.signer = Some(line.principals.clone());
            return verdict;
        }
        let was_for_it = lines.iter().any(|line| line.is_for(namespace));
        let counts = |line: &&Entry| line.is_for(namespace) && line.counted_at(moment);
        if lines.iter().any(counts) {
            let why = "the first line with its key is not for this, and whom it names no other line lets sign";
            return verdict.because(Standing::Unknown, why);
        }
        match (!lines.is_empty(), was_for_it) {
            (true, true) => {
                verdict.because(Standing::Expired, "its key did not count at that moment")
            }
            (true, false) => verdict.because(
                Standing::Unknown,
                format!("its key is not listed for the purpose `{namespace}` (`namespaces=`)"),
            ),
            (false, _) => verdict.because(Standing::Unknown, "nobody is listed with its key"),
        }
    }
}

/// Finds the line by which a key counts, among those that have it.
///
/// OpenSSH takes the names of the first line that counts at the moment, whatever that is for, and
/// then wants a line that lets one of these names sign. Of a line that counts in some time zones
/// only, the same is wanted in case it does.
fn counted<'a>(lines: &[&'a Entry], namespace: &str, moment: i64) -> Option<&'a Entry> {
    for first in lines.iter().filter(|line| line.may_count_at(moment)) {
        let lets = |name: &str| {
            let mut all = lines.iter().copied();
            all.find(|line| {
                let counts = line.counted_at(moment) || std::ptr::eq(*line, *first);
                counts && line.is_for(namespace) && line.is_about(name)
            })
        };
        let found = first.principals.split(',').find_map(lets)?;
        if first.counted_at(moment) {
            return Some(found);
        }
    }
    None
}
