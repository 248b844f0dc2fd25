use crate::document::Value;

/// Names a version of the JSON Schema language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// Draft 4.
    Draft4,
    /// Draft 6.
    Draft6,
    /// Draft 7.
    Draft7,
    /// Draft 2019-09.
    Draft201909,
    /// Draft 2020-12; what a schema is written in that does not say.
    #[default]
    Draft202012,
}

impl Dialect {
    /// Reads a `$schema`, with `http` or `https`, with or without a final `#`.
    #[must_use]
    pub fn of_uri(uri: &str) -> Option<Self> {
        let name = uri.trim_end_matches('#').split_once("://")?;
        match name {
            ("http" | "https", "json-schema.org/draft-04/schema") => Some(Self::Draft4),
            ("http" | "https", "json-schema.org/draft-06/schema") => Some(Self::Draft6),
            ("http" | "https", "json-schema.org/draft-07/schema") => Some(Self::Draft7),
            ("http" | "https", "json-schema.org/draft/2019-09/schema") => Some(Self::Draft201909),
            (
                "http" | "https",
                "json-schema.org/draft/2020-12/schema" | "json-schema.org/schema",
            ) => Some(Self::Draft202012),
            _ => None,
        }
    }

    /// Gives the `$schema` that names the dialect.
    #[must_use]
    pub fn uri(self) -> &'static str {
        match self {
            Self::Draft4 => "http://json-schema.org/draft-04/schema#",
            Self::Draft6 => "http://json-schema.org/draft-06/schema#",
            Self::Draft7 => "http://json-schema.org/draft-07/schema#",
            Self::Draft201909 => "https://json-schema.org/draft/2019-09/schema",
            Self::Draft202012 => "https://json-schema.org/draft/2020-12/schema",
        }
    }

    /// Gives the name people use, such as `2020-12`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft4 => "draft 4",
            Self::Draft6 => "draft 6",
            Self::Draft7 => "draft 7",
            Self::Draft201909 => "2019-09",
            Self::Draft202012 => "2020-12",
        }
    }

    /// Says whether keywords beside a `$ref` count; up to draft 7 they are ignored.
    #[must_use]
    pub fn ref_siblings_apply(self) -> bool {
        self >= Self::Draft201909
    }

    /// Gives the keyword that names a schema.
    pub(super) fn id_keyword(self) -> &'static str {
        match self {
            Self::Draft4 => "id",
            _ => "$id",
        }
    }

    /// Reads the dialect that a schema names: `None` if it names none, `Err` if it is unknown.
    pub(super) fn named(schema: &Value) -> Option<Result<Self, &str>> {
        let uri = schema.get("$schema")?.as_str()?;
        Some(Self::of_uri(uri).ok_or(uri))
    }
}

/// Says whether a URI names one of the schemas that come with the language itself.
pub(super) fn is_metaschema(uri: &str) -> bool {
    let Some((_, rest)) = uri.split_once("://") else {
        return false;
    };
    Dialect::of_uri(uri).is_some()
        || ["2019-09", "2020-12"].iter().any(|draft| {
            rest.strip_prefix("json-schema.org/draft/")
                .and_then(|rest| rest.strip_prefix(draft))
                .is_some_and(|rest| rest.starts_with("/meta/"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_reads_its_own_name() {
        for dialect in [
            Dialect::Draft4,
            Dialect::Draft6,
            Dialect::Draft7,
            Dialect::Draft201909,
            Dialect::Draft202012,
        ] {
            assert_eq!(Dialect::of_uri(dialect.uri()), Some(dialect));
            assert!(is_metaschema(dialect.uri()), "{}", dialect.name());
            let since = dialect.name().starts_with("20");
            assert_eq!(dialect.ref_siblings_apply(), since);
        }
        assert_eq!(Dialect::of_uri("https://example.com/my"), None);
        assert_eq!(Dialect::of_uri("draft-07"), None);
        assert!(!is_metaschema("common.json"));
        assert!(is_metaschema(
            "https://json-schema.org/draft/2020-12/meta/core"
        ));
    }
}
