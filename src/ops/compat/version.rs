//! Whether a version moved as far as its changes ask for.

use semver::Version;

use super::body::SchemaReport;
use super::rules::VERSION_BUMP_TOO_SMALL;
use super::verdict::Bump;
use crate::report::{Finding, Location};

/// Says which version the changes ask for, where the versions of both sides moved less than that.
///
/// In `0.y.z` anything may change with `y` (Semantic Versioning 2.0.0, 4), and what comes before
/// a release carries no promise (9).
pub(super) fn too_small(old: &str, new: &str, asked: Bump) -> Option<Version> {
    let (old, new) = (Version::parse(old).ok()?, Version::parse(new).ok()?);
    if !old.pre.is_empty() || new <= old {
        return None;
    }
    let asked = match (old.major, asked) {
        (0, Bump::Major) => Bump::Minor,
        (0, Bump::Minor) => Bump::Patch,
        (_, asked) => asked,
    };
    let moved = if new.major > old.major {
        Bump::Major
    } else if new.minor > old.minor {
        Bump::Minor
    } else {
        Bump::Patch
    };
    let wanted = match asked {
        Bump::Major => Version::new(old.major + 1, 0, 0),
        Bump::Minor => Version::new(old.major, old.minor + 1, 0),
        Bump::Patch | Bump::None => return None,
    };
    (moved < asked).then_some(wanted)
}

/// Finds a version that moved too little.
pub(super) fn check(report: &SchemaReport, at: &Location) -> Option<Finding> {
    let (old, new) = (report.old.version.as_ref()?, report.new.version.as_ref()?);
    let wanted = too_small(old, new, report.bump)?;
    let asks = (report.changes.iter())
        .filter(|change| change.bump == report.bump)
        .count();
    let noun = if asks == 1 {
        "change asks"
    } else {
        "changes ask"
    };
    let message = format!(
        "`{}` went from {old} to {new}, and {asks} {noun} for {wanted}",
        report.path
    );
    let help = format!("release it as {wanted}, or take back what asks for that");
    let finding = Finding::new(&VERSION_BUMP_TOO_SMALL.rule, message, at.clone());
    Some(finding.with_help(help))
}

#[cfg(test)]
mod tests {
    use super::super::{Profile, SideReport, tests::of};
    use super::*;

    #[test]
    fn versions_move_as_far_as_changes_ask() {
        let wanted = |old, new, bump| too_small(old, new, bump).map(|version| version.to_string());
        assert_eq!(
            wanted("1.2.3", "1.3.0", Bump::Major).as_deref(),
            Some("2.0.0")
        );
        assert_eq!(
            wanted("1.2.3", "1.2.4", Bump::Minor).as_deref(),
            Some("1.3.0")
        );
        assert_eq!(wanted("1.2.3", "2.0.0", Bump::Major), None);
        assert_eq!(wanted("1.2.3", "2.0.0-rc.1", Bump::Major), None);
        assert_eq!(wanted("1.2.3", "1.2.4", Bump::Patch), None);
        assert_eq!(wanted("0.2.3", "0.3.0", Bump::Major), None);
        assert_eq!(
            wanted("0.2.3", "0.2.4", Bump::Major).as_deref(),
            Some("0.3.0")
        );
        assert_eq!(wanted("0.2.3", "0.2.4", Bump::Minor), None);
        assert_eq!(wanted("1.0.0-rc.2", "1.0.0-rc.3", Bump::Major), None);
        assert_eq!(wanted("2.0.0", "1.0.0", Bump::Major), None);
        assert_eq!(wanted("v1", "v2", Bump::Major), None);
    }

    #[test]
    fn what_moved_too_little_is_told_with_the_version_that_is_asked_for() {
        let source = std::sync::Arc::new(crate::text::Source::new("app.yaml", ""));
        let at = Location::new(&source, crate::text::Span::at(0));
        let told = |old_schema: &str, versions: [&str; 2]| {
            let new = "type: object\nadditionalProperties: false\nproperties: { c: {} }\n";
            let comparison = of(old_schema, new, Profile::Default);
            let [old, new] = versions.map(|version| SideReport {
                version: Some(version.to_owned()),
                ..SideReport::default()
            });
            let report = SchemaReport::of("app.yaml".to_owned(), old, new, comparison);
            check(&report, &at).map(|finding| {
                let help = finding.help.clone().unwrap_or_default();
                format!("{} {}; {help}", finding.rule.id, finding.message)
            })
        };
        let head = "type: object\nadditionalProperties: false\nproperties: ";
        let (one, two) = (
            format!("{head}{{ a: {{}}, c: {{}} }}\n"),
            format!("{head}{{ a: {{}}, b: {{ type: array }}, c: {{}} }}\n"),
        );
        insta::assert_snapshot!(told(&one, ["1.2.3", "1.3.0"]).unwrap(), @"version-bump-too-small `app.yaml` went from 1.2.3 to 1.3.0, and 1 change asks for 2.0.0; release it as 2.0.0, or take back what asks for that");
        insta::assert_snapshot!(told(&two, ["0.2.3", "0.2.4"]).unwrap(), @"version-bump-too-small `app.yaml` went from 0.2.3 to 0.2.4, and 2 changes ask for 0.3.0; release it as 0.3.0, or take back what asks for that");
        assert_eq!(told(&two, ["1.2.3", "2.0.0"]), None);
    }
}
