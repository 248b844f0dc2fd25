use std::collections::{BTreeMap, BTreeSet};

use semver::{Version, VersionReq};

use crate::config::schema::{PathMap, Place, Requirement};
use crate::document::{Kind, Value};
use crate::error::{Error, Result};
use crate::report::{Finding, Location, Rule, Severity};
use crate::text::{Pointer, nearest};

/// An option asks for another version of an application than the one it meets.
pub(super) static UNMET_APP_VERSION: Rule = Rule {
    id: "unmet-app-version",
    severity: Severity::Error,
    summary: "an option is set that asks for another version of an application",
    docs: "\
The schema says of an option which versions of an application know it, with `x-requires`: the name
of the application, and a requirement as semantic versioning has it. `git strata check --app
NAME=VERSION` says which version is to run; an option that this version does not meet is found.
Applications that no version was given of are not judged. At the outermost of a schema, `x-requires`
is about the whole configuration.

```yaml
properties:
  replicas:
    type: integer
    x-requires: { api: \">=2.3\" }     # found where `--app api=2.2.0` is given
```

**What to do.** Deploy a version that meets the requirement first, or leave the option out until
then: `git strata set --unset replicas -m 'not yet'`.
",
};

/// A version was given of an application that no schema asks about.
pub(super) static UNKNOWN_APP: Rule = Rule {
    id: "unknown-app",
    severity: Severity::Warning,
    summary: "a version was given of an application that no option asks about",
    docs: "\
`git strata check --app NAME=VERSION` judges options whose schema says `x-requires` of an
application of that name. None does, so the version given was compared with nothing: the name may
be another one in the schema, or nobody has written down yet what the options need.

**What to do.** Use the name that the schema has, say there what is needed, or leave `--app` out.

```yaml
properties:
  replicas:
    type: integer
    x-requires: { api: \">=2.3\" }     # `--app backend=2.4.0` is compared with nothing
```
",
};

/// The versions of applications that are to run with a configuration.
#[derive(Clone, Debug, Default)]
pub struct Apps(BTreeMap<String, Version>);

impl Apps {
    /// Reads `NAME=VERSION`, each application once.
    ///
    /// # Errors
    ///
    /// Where one is not of that form, or an application is named twice.
    pub fn parse(given: &[String]) -> Result<Self> {
        let mut apps = BTreeMap::new();
        for given in given {
            let (name, text) = given.split_once('=').map_or((given.as_str(), ""), |it| it);
            if name.is_empty() || text.is_empty() {
                return Err(malformed(given));
            }
            let Some(version) = version(text) else {
                return Err(
                    Error::usage(format!("`{text}` is no version, in `--app {given}`")).with_help(
                        format!("write a semantic version, such as `--app {name}=2.3.0`"),
                    ),
                );
            };
            if apps.insert(name.to_owned(), version).is_some() {
                return Err(Error::usage(format!("`--app {name}` is given twice"))
                    .with_help("give one version of each application"));
            }
        }
        Ok(Self(apps))
    }

    /// Says whether no version was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses a name that no schema knows, where one is near: it would go unjudged.
    pub(super) fn refuse_slips(&self, known: &BTreeSet<String>) -> Result<()> {
        for name in self.0.keys().filter(|name| !known.contains(*name)) {
            let others = known.iter().map(String::as_str);
            let near = nearest(name, others.filter(|other| !self.0.contains_key(*other)));
            if let Some(near) = near.first() {
                let message = format!("no schema asks for an application `{name}`");
                return Err(
                    Error::usage(message).with_help(format!("did you mean `--app {near}=…`?"))
                );
            }
        }
        Ok(())
    }

    /// Tells of names that no schema knows; `place` is where schemas are declared.
    pub(super) fn unknown(&self, known: &BTreeSet<String>, place: &Location) -> Vec<Finding> {
        let unknown = self.0.keys().filter(|name| !known.contains(*name));
        let names: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
        let help = match names.is_empty() {
            true => "say in a schema what an option needs: `x-requires: { NAME: '>=2.3' }`".into(),
            false => format!("there are {}", names.join(", ")),
        };
        let told = |name: &String| {
            let message = format!("no schema asks for an application `{name}`");
            Finding::new(&UNKNOWN_APP, message, place.clone()).with_help(help.clone())
        };
        unknown.map(told).collect()
    }

    /// Finds what a value asks for that the versions given do not meet.
    pub(super) fn judge(
        &self,
        value: &Value,
        requirements: &[PathMap<Vec<Requirement>>],
        locate: &dyn Fn(&Pointer) -> Location,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        for map in requirements {
            let mut walk = Walk {
                apps: self,
                locate,
                pointer: Pointer::root(),
                findings: &mut findings,
            };
            walk.step(value, map.root());
        }
        findings
    }
}

/// Reads a version, which may leave the last numbers out and start with a `v`.
fn version(text: &str) -> Option<Version> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let dots = text.split(['-', '+']).next()?.matches('.').count();
    match dots {
        0 | 1 if !text.contains(['-', '+']) => {
            Version::parse(&format!("{text}{}", ".0".repeat(2 - dots))).ok()
        }
        _ => Version::parse(text).ok(),
    }
}

fn malformed(given: &str) -> Error {
    let fixed = given
        .split_once([':', '@', ' '])
        .filter(|(name, text)| !name.is_empty() && version(text).is_some());
    let help = match fixed {
        Some((name, text)) => format!("did you mean `--app {name}={text}`?"),
        None => "write the name and the version, such as `--app api=2.3.0`".to_owned(),
    };
    Error::usage(format!("`--app {given}` is not of the form NAME=VERSION")).with_help(help)
}

struct Walk<'a> {
    apps: &'a Apps,
    locate: &'a dyn Fn(&Pointer) -> Location,
    pointer: Pointer,
    findings: &'a mut Vec<Finding>,
}

impl Walk<'_> {
    fn step(&mut self, value: &Value, place: Place<'_, Vec<Requirement>>) {
        if place.is_empty() {
            return;
        }
        for requirement in place.get().into_iter().flatten() {
            self.judge(requirement);
        }
        match &value.kind {
            Kind::Object(map) => {
                for (key, value) in map.iter() {
                    self.pointer.push(key.clone());
                    self.step(value, place.key(key));
                    self.pointer.pop();
                }
            }
            Kind::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.pointer.push(index.to_string());
                    self.step(item, place.item(index));
                    self.pointer.pop();
                }
            }
            _ => {}
        }
    }

    fn judge(&mut self, requirement: &Requirement) {
        let Some(version) = self.apps.0.get(requirement.app.as_str()) else {
            return;
        };
        if is_met(&requirement.versions, version) {
            return;
        }
        let (app, versions) = (&requirement.app, &requirement.versions);
        let (what, instead) = match self.pointer.is_root() {
            true => (
                "this configuration".to_owned(),
                "keep the configuration of before",
            ),
            false => (
                format!("`{}`", self.pointer.dotted()),
                "leave the option out until then",
            ),
        };
        let message = format!("{what} needs `{app}` {versions}, and {version} is to run");
        let asked = requirement.location.clone().with_label("asked for here");
        self.findings.push(
            Finding::new(&UNMET_APP_VERSION, message, (self.locate)(&self.pointer))
                .with_related(asked)
                .with_help(format!("deploy `{app}` {versions}, or {instead}")),
        );
    }
}

/// Says whether a version meets a requirement. One before a release (`2.4.0-rc.1`) does where all
/// versions between its forerunner and the release do.
fn is_met(versions: &VersionReq, version: &Version) -> bool {
    if versions.matches(version) {
        return true;
    }
    let below = match (version.major, version.minor, version.patch) {
        _ if version.pre.is_empty() => return false,
        (major, minor, patch @ 1..) => Version::new(major, minor, patch - 1),
        (major, minor @ 1.., _) => Version::new(major, minor - 1, u64::MAX),
        (major @ 1.., ..) => Version::new(major - 1, u64::MAX, u64::MAX),
        _ => return false,
    };
    versions.matches(&below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2", Some("2.0.0")),
            ("v2.3", Some("2.3.0")),
            ("2.3.1-rc.1", Some("2.3.1-rc.1")),
            ("2.3-rc", None),
            ("two", None),
            ("", None),
        ] {
            let read = version(text).map(|version| version.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_version_before_a_release_stands_between_two() {
        for (versions, version, expected) in [
            (">=2.3", "2.3.0", true),
            (">=2.3", "2.2.9", false),
            (">=2.3", "2.3.0-rc.1", false),
            (">=2.3", "2.4.0-rc.1", true),
            (">=2.3", "3.0.0-rc.1", true),
            ("<3", "3.0.0-rc.1", true),
            ("<3", "3.0.0", false),
            ("^2.3", "3.0.0-alpha", true),
            ("=2.4.0", "2.4.0-rc.1", false),
            (">=0.1", "0.0.0-a", false),
        ] {
            let parsed = VersionReq::parse(versions).unwrap();
            let met = is_met(&parsed, &Version::parse(version).unwrap());
            assert_eq!(met, expected, "{versions} {version}");
        }
    }

    #[test]
    fn wrong_values_say_what_is_meant() {
        let said = |given: &[&str]| {
            let given: Vec<String> = given.iter().map(|&it| it.to_owned()).collect();
            let error = Apps::parse(&given).unwrap_err();
            format!("{error} / {}", error.help().unwrap())
        };
        insta::assert_snapshot!(said(&["api"]), @"`--app api` is not of the form NAME=VERSION / write the name and the version, such as `--app api=2.3.0`");
        insta::assert_snapshot!(said(&["api:2.3"]), @"`--app api:2.3` is not of the form NAME=VERSION / did you mean `--app api=2.3`?");
        insta::assert_snapshot!(said(&["api=next"]), @"`next` is no version, in `--app api=next` / write a semantic version, such as `--app api=2.3.0`");
        insta::assert_snapshot!(said(&["api=1", "api=2"]), @"`--app api` is given twice / give one version of each application");
        let apps = Apps::parse(&["apii=1".to_owned(), "other=1".to_owned()]).unwrap();
        let known = BTreeSet::from(["api".to_owned()]);
        assert_eq!(
            apps.refuse_slips(&known).unwrap_err().help(),
            Some("did you mean `--app api=…`?")
        );
    }
}
