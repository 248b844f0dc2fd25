use regex::Regex;

use super::super::Refused;

/// Keys that end so keep their values plain, where a file says nothing else.
pub const DEFAULT_SUFFIX: &str = "_unencrypted";

/// Which values of a file are sealed: by the names of the keys that lead to them.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Keys that end so keep what is below them plain.
    pub unencrypted_suffix: Option<String>,
    /// Only what is below keys that end so is sealed.
    pub encrypted_suffix: Option<String>,
    /// Keys that match keep what is below them plain.
    pub unencrypted_regex: Option<Regex>,
    /// Only what is below keys that match is sealed.
    pub encrypted_regex: Option<Regex>,
    /// Whether the MAC is over sealed values only.
    pub mac_only_encrypted: bool,
}

impl Choice {
    /// Seals what stands at keys of these names, or below them.
    ///
    /// # Errors
    ///
    /// Where they are too many to be named.
    pub fn of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, Refused> {
        let names: Vec<String> = names.into_iter().map(regex::escape).collect();
        let regex = Regex::new(&format!("^({})$", names.join("|")))
            .map_err(|_| Refused::Failed("its sealed values have too many names".to_owned()))?;
        Ok(Self {
            encrypted_regex: Some(regex),
            ..Self::default()
        })
    }

    /// Gives the pattern of the keys that are sealed.
    #[must_use]
    pub fn names(&self) -> Option<&str> {
        self.encrypted_regex.as_ref().map(Regex::as_str)
    }

    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub fn pattern(text: &str) -> Result<Regex, Refused> {
        Regex::new(text)
            .map_err(|_| Refused::Malformed(format!("`{text}` is no regular expression")))
    }

    /// Says whether the value that these keys lead to is sealed.
    pub fn seals<'a>(&self, keys: impl IntoIterator<Item = &'a str> + Clone) -> bool {
        let any = |test: &dyn Fn(&str) -> bool| keys.clone().into_iter().any(test);
        // Of several, the last one decides.
        if let Some(regex) = &self.encrypted_regex {
            return any(&|key| regex.is_match(key));
        }
        if let Some(regex) = &self.unencrypted_regex
            && any(&|key| regex.is_match(key))
        {
            return false;
        }
        if let Some(suffix) = &self.encrypted_suffix {
            return any(&|key| key.ends_with(suffix));
        }
        let suffix = self.unencrypted_suffix.as_ref();
        !suffix.is_some_and(|suffix| any(&|key| key.ends_with(suffix)))
    }
}
