use std::str::FromStr;

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
        }
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
                    _ => {
                        return Err(format!(
                            "there is no policy `{name}`; there are unknown-properties, \
                             ignored-options, formats, defaults"
                        ));
                    }
                };
                return Err(format!("the policy `{name}` is {values}, not `{value}`"));
            }
        }
        Ok(())
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
