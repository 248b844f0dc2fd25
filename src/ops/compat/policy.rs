use std::str::FromStr;

use smol_str::SmolStr;

use crate::config::{Manifest, Window};
use crate::text::Pointer;

/// Names a set of policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// What people who keep configurations care about.
    #[default]
    Default,
    /// Pure validity: `breaking` is exactly "a valid old document is refused".
    Strict,
}

/// Says what is assumed of names that the old schema does not declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownProperties {
    /// Nobody uses them.
    DeclaredOnly,
    /// Anybody may.
    Strict,
}

/// Says how bad it is when an option is silently ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IgnoredOptions {
    /// As bad as being refused.
    Breaking,
    /// A risk.
    Risk,
}

/// Says whether `format` refuses values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Formats {
    /// It is a remark.
    Annotate,
    /// It refuses.
    Assert,
}

/// Says what the program does with `default`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Defaults {
    /// It is a remark.
    Annotate,
    /// It is filled in before the configuration is validated.
    FilledBeforeValidation,
}

/// The policies in force; a report always says which.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Policy {
    /// The profile that the policies started from.
    pub profile: Profile,
    /// What is assumed of names that the old schema does not declare.
    #[serde(rename = "unknown-properties")]
    pub unknown_properties: UnknownProperties,
    /// How bad it is when an option is silently ignored.
    #[serde(rename = "ignored-options")]
    pub ignored_options: IgnoredOptions,
    /// Whether `format` refuses values.
    pub formats: Formats,
    /// What the program does with `default`.
    pub defaults: Defaults,
    /// The places of options that carry no promise: what changes there is a risk at most. Dotted;
    /// `*` stands for any part of a name, `**` for any names, also none.
    pub unstable: Vec<String>,
    /// How long an option must have been deprecated before it may go; none where once is enough.
    #[serde(rename = "deprecation-window", skip_serializing_if = "Option::is_none")]
    pub deprecation_window: Option<Window>,
}

impl Default for Policy {
    fn default() -> Self {
        Self::of(Profile::Default)
    }
}

impl Policy {
    /// Gives the policies of a profile.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        let strict = profile == Profile::Strict;
        Self {
            profile,
            unknown_properties: if strict {
                UnknownProperties::Strict
            } else {
                UnknownProperties::DeclaredOnly
            },
            ignored_options: if strict {
                IgnoredOptions::Risk
            } else {
                IgnoredOptions::Breaking
            },
            formats: Formats::Annotate,
            defaults: Defaults::Annotate,
            unstable: Vec::new(),
            deprecation_window: None,
        }
    }

    /// Gives the policies that a manifest asks for; a profile given here stands in for its own.
    ///
    /// # Errors
    ///
    /// When a setting is not known; a manifest that was read without findings has none such.
    pub fn of_manifest(manifest: &Manifest, profile: Option<Profile>) -> Result<Self, String> {
        let profile = match (profile, &manifest.compat.profile) {
            (Some(profile), _) => profile,
            (None, Some(name)) => name.parse()?,
            (None, None) => Profile::default(),
        };
        let mut policy = Self::of(profile);
        for (key, value) in &manifest.compat.policies {
            policy.set(&format!("{key}={value}"))?;
        }
        Ok(policy)
    }

    /// Says whether an option carries no promise.
    #[must_use]
    pub fn is_unstable(&self, place: &Pointer) -> bool {
        let names: Vec<&str> = place.tokens().iter().map(SmolStr::as_str).collect();
        let mut patterns = self.unstable.iter();
        patterns.any(|pattern| {
            let parts: Vec<&str> = pattern.split('.').collect();
            matches(&parts, &names)
        })
    }

    /// Sets one policy, written `name=value`.
    ///
    /// # Errors
    ///
    /// Says in a phrase what was wrong with the name or the value, and what there is.
    ///
    /// ```
    /// use strata::ops::compat::{Formats, Policy};
    ///
    /// let mut policy = Policy::default();
    /// policy.set("formats=assert")?;
    /// assert_eq!(policy.formats, Formats::Assert);
    /// assert!(policy.set("formats=maybe").is_err());
    /// # Ok::<(), String>(())
    /// ```
    pub fn set(&mut self, setting: &str) -> Result<(), String> {
        let (name, value) = setting.split_once('=').ok_or_else(|| {
            format!("`{setting}` is no policy; write name=value, such as formats=assert")
        })?;
        match (name, value) {
            ("unknown-properties", "declared-only") => {
                self.unknown_properties = UnknownProperties::DeclaredOnly;
            }
            ("unknown-properties", "strict") => {
                self.unknown_properties = UnknownProperties::Strict;
            }
            ("ignored-options", "breaking") => self.ignored_options = IgnoredOptions::Breaking,
            ("ignored-options", "risk") => self.ignored_options = IgnoredOptions::Risk,
            ("formats", "annotate") => self.formats = Formats::Annotate,
            ("formats", "assert") => self.formats = Formats::Assert,
            ("unstable", place) if !place.is_empty() => self.unstable.push(place.to_owned()),
            ("deprecation-window", window) => self.deprecation_window = Some(window.parse()?),
            ("defaults", "annotate") => self.defaults = Defaults::Annotate,
            ("defaults", "filled-before-validation") => {
                self.defaults = Defaults::FilledBeforeValidation;
            }
            _ => {
                let values = match name {
                    "unknown-properties" => "declared-only or strict",
                    "ignored-options" => "breaking or risk",
                    "formats" => "annotate or assert",
                    "defaults" => "annotate or filled-before-validation",
                    "unstable" => "a place, such as **.experimental_*",
                    _ => {
                        return Err(format!(
                            "there is no policy `{name}`; there are unknown-properties, \
                             ignored-options, formats, defaults, unstable, \
                             deprecation-window"
                        ));
                    }
                };
                return Err(format!("the policy `{name}` is {values}, not `{value}`"));
            }
        }
        Ok(())
    }
}

/// Says whether a place is, or stands below, one that a pattern describes.
fn matches(pattern: &[&str], names: &[&str]) -> bool {
    match (pattern, names) {
        ([], _) => true,
        (["**", rest @ ..], _) => (0..=names.len()).any(|skip| matches(rest, &names[skip..])),
        ([_, ..], []) => false,
        ([part, rest @ ..], [name, names @ ..]) => fits(part, name) && matches(rest, names),
    }
}

/// Says whether a name is as a part of a pattern says, in which `*` stands for anything.
fn fits(part: &str, name: &str) -> bool {
    match part.split_once('*') {
        None => part == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            let mut ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            ends.any(|at| fits(after, &rest[at..]))
        }),
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "default" => Ok(Self::Default),
            "strict" => Ok(Self::Strict),
            _ => Err(format!("`{text}` is no profile; write default or strict")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unstable_places() {
        let unstable = |pattern: &str, place: &str| {
            let mut policy = Policy::default();
            policy.set(&format!("unstable={pattern}")).unwrap();
            policy.is_unstable(&place.parse().unwrap())
        };
        assert!(unstable("a.b", "a.b"));
        assert!(unstable("a.b", "a.b.c"));
        assert!(!unstable("a.b", "a"));
        assert!(unstable("**.experimental_*", "a.b.experimental_x.c"));
        assert!(unstable("**.experimental_*", "experimental_"));
        assert!(!unstable("**.experimental_*", "a.b"));
        assert!(unstable("*.x*z", "a.xyz"));
        assert!(!unstable("*.x*z", "a.xy"));
        assert!(Policy::default().set("unstable=").is_err());
    }
}
