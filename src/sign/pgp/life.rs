//! What an owner says of a key over time: the newest word counts.

use super::packet::{Parts, is_sound_hash, sub};
use crate::sign::Standing;

/// What the owner of a key says of it in one signature.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    created: i64,
    /// When it is over itself.
    until: Option<i64>,
    /// When the key is over.
    key_until: Option<i64>,
    /// Whether the key may sign; none where nothing is said of its use.
    signs: Option<bool>,
    /// Why it may not be believed.
    fault: Option<&'static str>,
}

/// What may be critical in what an owner says of a key: what is read here, and what is for those
/// who encrypt to it.
const KNOWN: &[u8] = &[
    sub::CREATED,
    sub::UNTIL,
    sub::KEY_UNTIL,
    sub::ISSUER,
    sub::FLAGS,
    sub::EMBEDDED,
    sub::ISSUER_FINGERPRINT,
    // Preferred ciphers, hashes and compression; of key servers; the main name; features.
    11,
    21,
    22,
    23,
    25,
    30,
];

/// The flag of a key that may sign.
const SIGNS: u8 = 0x02;

impl Said {
    /// Reads what a signature says of a key that was made at a moment; the signature itself is
    /// verified already.
    ///
    /// # Errors
    ///
    /// Where it does not say when it was made.
    pub(super) fn read(parts: &Parts<'_>, made: i64) -> Result<Self, &'static str> {
        let mut fault = None;
        let created = parts.seconds_or(sub::CREATED, &mut fault);
        let until = parts.seconds_or(sub::UNTIL, &mut fault);
        let life = parts.seconds_or(sub::KEY_UNTIL, &mut fault);
        let created = created.ok_or("a part of it does not say when it was made")?;
        let signs = match parts.one(sub::FLAGS) {
            Ok(flags) => flags.map(|it| it.first().is_some_and(|it| it & SIGNS != 0)),
            Err(why) => {
                fault = Some(why);
                Some(false)
            }
        };
        if parts.has_critical_but(KNOWN) {
            fault = Some("its certificate says something critical that is not known here");
        }
        if !is_sound_hash(parts.hash) {
            fault = Some("its certificate is signed with a hash that is broken");
        }
        Ok(Self {
            created,
            until: until.map(|it| created + it),
            key_until: life.map(|it| made + it),
            signs,
            fault,
        })
    }

    pub(super) const fn created(&self) -> i64 {
        self.created
    }

    pub(super) fn says_it_signs(&self) -> bool {
        self.signs == Some(true)
    }

    pub(super) fn but(mut self, fault: &'static str) -> Self {
        self.fault = Some(fault);
        self
    }
}

/// Everything that is said of one thing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Life {
    all: Vec<Said>,
}

/// Why a key does not count.
pub(super) type Why = (Standing, &'static str);

impl Life {
    pub(super) fn add(&mut self, said: Said) {
        if !self.all.contains(&said) {
            self.all.push(said);
        }
    }

    pub(super) fn and(&mut self, other: &Self) {
        for said in &other.all {
            self.add(said.clone());
        }
    }

    /// When the newest word was said; what is said in the future is not said yet.
    pub(super) fn newest(&self, now: Option<i64>) -> Option<i64> {
        let said = self.all.iter().map(|it| it.created);
        said.filter(|it| now.is_none_or(|now| *it <= now)).max()
    }

    /// Says whether the key counts at a moment; of two newest words, the stricter one counts. None
    /// where nothing is said.
    pub(super) fn counts(&self, at: i64, now: Option<i64>) -> Option<Result<Use, Why>> {
        let newest = self.newest(now)?;
        let mut used = Use::Unsaid;
        for said in self.all.iter().filter(|it| it.created == newest) {
            if let Some(fault) = said.fault {
                return Some(Err((Standing::Bad, fault)));
            }
            if said.until.is_some_and(|it| it <= at) {
                return Some(Err((Standing::Expired, "its certificate has expired")));
            }
            if said.key_until.is_some_and(|it| it <= at) {
                return Some(Err((Standing::Expired, "its key has expired")));
            }
            used = match (used, said.signs) {
                (Use::Other, _) | (_, Some(false)) => Use::Other,
                (_, Some(true)) => Use::Signs,
                (used, None) => used,
            };
        }
        Some(Ok(used))
    }
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It may sign.
    Signs,
    /// It is for something else.
    Other,
    /// Nobody says what it is for.
    Unsaid,
}
