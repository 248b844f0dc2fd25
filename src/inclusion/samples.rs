//! Texts of the formats that JSON Schema names (2020-12 Validation, 7.3): what holds of them is not
//! modelled, but a text that has one is worth trying.

use smol_str::SmolStr;

use super::json::Json;
use super::solve::Solver;
use super::state::State;

/// What a format is called where it is not modelled; its name follows in backquotes.
pub(super) const FORMAT: &str = "the format";

/// Texts by format, the shortest first. A text stands under every format that it has.
pub(super) const SAMPLES: [(&str, &[&str]); 17] = [
    ("date", &["2030-01-31"]),
    ("date-time", &["2030-01-31T12:30:00Z"]),
    ("time", &["12:30:00Z"]),
    ("duration", &["P1D", "PT1H30M"]),
    ("email", &["a@example.com"]),
    ("idn-email", &["a@example.com"]),
    ("hostname", &["a", "a.example.com"]),
    ("idn-hostname", &["a", "a.example.com"]),
    ("ipv4", &["192.0.2.1"]),
    ("ipv6", &["::1", "2001:db8::1"]),
    ("uri", &["a:b", "https://example.com/"]),
    ("uri-reference", &["a", "https://example.com/", "a:b"]),
    ("iri", &["a:b", "https://example.com/"]),
    ("iri-reference", &["a", "https://example.com/", "a:b"]),
    ("uuid", &["00000000-0000-4000-8000-000000000000"]),
    ("json-pointer", &["", "/a"]),
    ("regex", &["a", "^a$"]),
];

/// Gives the name of a format out of what it is called.
pub(super) fn format_of(what: &SmolStr) -> Option<SmolStr> {
    let name = what.strip_prefix(FORMAT)?.trim().trim_matches('`');
    Some(name.into())
}

impl Solver {
    /// Finds a text that has a format that is asked for, as far as one can tell.
    pub(super) fn sample(&mut self, state: &State) -> Option<Json> {
        let format = state.formats.first()?;
        let (_, texts) = SAMPLES.iter().find(|(name, _)| name == format)?;
        texts.iter().find_map(|text| {
            let value = Json::Text((*text).into());
            let fits = !state.not.contains(&value)
                && (state.atoms.iter()).all(|lit| self.holds(*lit, &value) != Some(false));
            fits.then_some(value)
        })
    }
}
