use bstr::ByteSlice;

use super::expected::Offending;
use super::leaves::leaves;
use super::rows::Rows;
use super::rules::{Class, class_of, finding};
use super::sealed::are_sealed;
use super::{Difference, Filter, Side, touches};
use crate::config::{ParsedFile, Provenance, Snapshot};
use crate::document::{Change, ChangeKind, Format, Identity, Kind, Value, diff};
use crate::error::Result;
use crate::git::FileChange;
use crate::report::Location;
use crate::text::Pointer;

/// Compares every configuration file of each side with the next side's; the file stands in for
/// the service.
pub(super) fn compare(sides: &[Side], filter: &Filter, rows: &mut Rows<'_>) -> Result<()> {
    for pair in sides.windows(2) {
        for change in pair[0].tree.files().changes_to(pair[1].tree.files())? {
            let path = change.path.to_str_lossy();
            let wanted = filter
                .service
                .as_deref()
                .is_none_or(|wanted| wanted == path);
            if wanted && Format::of_path(&path).is_some() {
                compare_file(&change, &pair[0], &pair[1], filter, rows)?;
            }
        }
    }
    Ok(())
}

fn compare_file(
    file: &FileChange,
    left: &Side,
    right: &Side,
    filter: &Filter,
    rows: &mut Rows<'_>,
) -> Result<()> {
    let read = |tree: &Snapshot, there: bool| match there {
        true => tree.file(file.path.as_ref()),
        false => Ok(None),
    };
    let old = read(&left.tree, file.old.is_some())?;
    let new = read(&right.tree, file.new.is_some())?;
    let broken = [&old, &new]
        .into_iter()
        .flatten()
        .filter(|file| !file.is_sound());
    let broken: Vec<_> = broken.flat_map(|file| file.findings().cloned()).collect();
    if !broken.is_empty() {
        rows.findings.extend(broken);
        return Ok(());
    }
    let nothing = Value::detached(Kind::Object(Default::default()));
    let path = file.path.to_str_lossy().into_owned();
    let roots = |file: &Option<std::sync::Arc<ParsedFile>>| {
        file.as_ref().map_or(0, |file| file.documents().len())
    };
    for index in 0..roots(&old).max(roots(&new)) {
        let (before, after) = (root(old.as_deref(), index), root(new.as_deref(), index));
        let changes = diff(
            before.unwrap_or(&nothing),
            after.unwrap_or(&nothing),
            &Identity::default(),
        );
        for change in changes.into_iter().filter(|change| touches(filter, change)) {
            for change in leaves(change) {
                if filter.path.contains(&change.pointer)
                    && !are_sealed(change.old.as_ref(), change.new.as_ref())
                {
                    let places = (old.as_deref().zip(before), new.as_deref().zip(after));
                    add_row(&path, left, right, places, &change, rows);
                }
            }
        }
    }
    Ok(())
}

fn root(file: Option<&ParsedFile>, index: usize) -> Option<&Value> {
    Some(&file?.documents().get(index)?.root)
}

type Place<'a> = Option<(&'a ParsedFile, &'a Value)>;

fn add_row(
    path: &str,
    left: &Side,
    right: &Side,
    (old, new): (Place<'_>, Place<'_>),
    change: &Change,
    rows: &mut Rows<'_>,
) {
    let from = change.from.as_ref().unwrap_or(&change.pointer);
    let location = |place: Place<'_>, pointer: &Pointer| {
        let (file, root) = place?;
        Some(Location::new(&file.source, root.place(pointer)).with_pointer(pointer.clone()))
    };
    let old_at = location(old, from).filter(|_| change.kind != ChangeKind::Added);
    let new_at = location(new, &change.pointer).filter(|_| change.kind != ChangeKind::Removed);
    let provenance = |location: &Option<Location>| {
        location.clone().map(|location| Provenance {
            location,
            overrides: Vec::new(),
        })
    };
    let judged = rows.judge(Some(path), change, [left, right]);
    let class = match judged.excused {
        Some(_) => Class::Intentional,
        None => class_of(change.kind),
    };
    let entry = |number: Option<usize>| number.map(|it| &rows.expected.entries[it]);
    let (excuse, offended) = (entry(judged.excused), entry(judged.offended));
    let key = (Some(path.into()), change.pointer.clone(), None);
    let row = rows.differences.entry(key).or_insert_with(|| {
        let row = Difference::new(Some(path), change.pointer.clone(), class);
        Box::new(row)
    });
    let (old, new) = (provenance(&old_at), provenance(&new_at));
    row.put(&left.name, change.old.as_ref(), old.as_ref());
    row.put(&right.name, change.new.as_ref(), new.as_ref());
    row.worsen(class);
    row.excuse(class, excuse);
    row.differs_in(&right.name);
    let names = (left.name.as_str(), right.name.as_str());
    let found = finding(class, Some(path), change, names, (old_at, new_at), false);
    let found = found.map(|found| found.offending(offended));
    row.findings.extend(found);
}
