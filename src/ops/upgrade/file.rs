//! One file on its way.

use std::collections::HashMap;

use super::body::{Between, FileUpgrade};
use super::notice::deprecated;
use super::plan::Plan;
use super::rules;
use super::secret::Hidden;
use super::tell::{default_changed, is_deprecated, place, remaining, told};
use super::{Input, Notices, Options};
use crate::Result;
use crate::document::{Format, RewriteOptions, Value, rewrite};
use crate::ops::migration::{Gate, Journal, Run, Secrets};
use crate::report::{Finding, Location};
use crate::text::{Pointer, unified};

/// Goes a way with one file.
pub(super) fn upgrade(
    plan: &Plan,
    notices: &Notices,
    input: &Input,
    options: Options,
    gate: Option<&Gate>,
) -> Result<(FileUpgrade, Vec<Finding>)> {
    let file = &input.file;
    let text = file.source.text();
    let mut report = FileUpgrade {
        path: file.source.name().to_owned(),
        from: plan.from.label(),
        to: plan.to.label(),
        text: text.to_owned(),
        new_options: notices.new_options.clone(),
        ..FileUpgrade::default()
    };
    let mut findings: Vec<Finding> = file.findings().cloned().collect();
    let hidden = Hidden::of(&[&plan.from, &plan.to])?;
    if !file.is_sound() {
        hidden.cover(&mut findings);
        report.valid_before = Some(false);
        report.valid_after = Some(false);
        return Ok((report, findings));
    }
    let before = judged(
        file.documents().iter().map(|it| &*it.root),
        plan,
        true,
        input,
    )?;
    report.valid_before = before;
    let mut go = before != Some(false);
    if !go && plan.from.label() != plan.to.label() {
        let (told, is_there) = other_version(plan, input, &mut report)?;
        findings.extend(told);
        // What holds to the end already has nothing to gain from the way there.
        go = !is_there;
    }
    let mut removed = HashMap::new();
    let mut intended = Vec::new();
    let mut more_hidden = Vec::new();
    for document in file.documents() {
        let secrets = hidden.secrets(&document.root);
        let (mut root, journal, between) = match go {
            true => carried(plan, &document.root, secrets, gate)?,
            false => ((*document.root).clone(), Journal::default(), Vec::new()),
        };
        report.between = between;
        told(&journal, &root, file, &hidden, &mut report, &mut findings);
        let places = journal.records.iter().filter(|it| it.secret);
        more_hidden.extend(
            places
                .flat_map(|it| [Some(it.pointer.clone()), it.to.clone()])
                .flatten(),
        );
        let gone = journal.removed.iter();
        removed.extend(gone.map(|((_, at), why)| (*at, why.to_string())));
        let mut behaviour = notices.behaviour(&root);
        if options.pin_defaults && go && !plan.down {
            for it in &mut behaviour {
                it.pinned = pinned(&mut root, &it.pointer, it.old.as_ref());
            }
        }
        for it in behaviour.iter().filter(|it| !it.pinned && !input.partial) {
            findings.push(default_changed(it, plan, &root, file));
        }
        report.behaviour.extend(behaviour);
        report.deprecated.extend(deprecated(plan, &root)?);
        report
            .new_options
            .retain(|it| root.at(&it.pointer).is_none());
        intended.push(root);
    }
    for it in &report.deprecated {
        findings.push(is_deprecated(it, plan, &intended, file));
    }
    let rewriting = RewriteOptions {
        removed,
        drop_comments: options.drop_comments,
        refuse_shared: false,
    };
    // The text is written while the values are judged.
    let (written, after) = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK);
        let write = || rewrite(file.documents(), &intended, &rewriting);
        let writer = builder.spawn_scoped(scope, write);
        let judge = || -> Result<_> {
            let valid = judged(intended.iter(), plan, false, input)?;
            let mut left = Vec::new();
            for root in &intended {
                left.extend(remaining(plan, notices, root, input)?);
            }
            Ok((valid, left))
        };
        let after = judge();
        let written = writer.ok().and_then(|writer| writer.join().ok());
        (written.unwrap_or_else(write), after)
    });
    let (valid_after, left) = after?;
    report.valid_after = valid_after;
    findings.extend(left);
    match written {
        Ok(done) => {
            report.changed = done.text != text;
            report.rewritten = done.anew.into_iter().map(|(_, at)| at).collect();
            report.text = done.text;
        }
        Err(why) => {
            let finding = Finding::new(
                &rules::UPGRADE_BLOCKED,
                format!("the new text cannot be written: {why}"),
                Location::file(&file.source),
            );
            findings.push(finding.with_help("change this value by hand, and try again"));
        }
    }
    let format = file
        .documents()
        .first()
        .map_or(Format::Yaml, |it| it.format);
    if report.changed {
        let masked = |text: &str| hidden.mask(text, format, &more_hidden);
        report.diff = unified(&report.path, &masked(text), &masked(&report.text));
    }
    hidden.cover(&mut findings);
    Ok((report, findings))
}

/// The stack of the thread that writes texts: values are nested 256 deep at most.
const STACK: usize = 32 << 20;

/// Says whether documents hold to one end. Of a layer, only what it sets counts.
fn judged<'a>(
    roots: impl Iterator<Item = &'a Value>,
    plan: &Plan,
    begin: bool,
    input: &Input,
) -> Result<Option<bool>> {
    let stop = if begin { &plan.from } else { &plan.to };
    let mut all = None;
    for root in roots {
        let valid = match input.partial {
            false => stop.admits(root)?,
            true => {
                let locate =
                    |at: &Pointer| Location::file(&input.file.source).with_pointer(at.clone());
                let mut known = false;
                let mut faults = 0;
                for validator in stop
                    .schemas()?
                    .iter()
                    .filter_map(|it| it.validator.as_ref())
                {
                    known = true;
                    let found = validator.validate(root, None, &locate);
                    faults += found.iter().filter(|it| !is_of_whole(root, it)).count();
                }
                known.then_some(faults == 0)
            }
        };
        all = match (all, valid) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (known, valid) => known.or(valid),
        };
    }
    Ok(all)
}

/// Says whether a fault of a layer may be none where other layers say more: something is missing,
/// or it takes away by null what a lower one sets.
pub(super) fn is_of_whole(root: &Value, finding: &Finding) -> bool {
    let whole = [
        "missing-option",
        "constraint-violated",
        "no-alternative-matches",
        "option-count",
    ];
    let at = finding.location.pointer.as_ref();
    let takes_away = at.and_then(|at| root.at(at)).is_some_and(Value::is_null);
    whole.contains(&finding.rule.id) || takes_away
}

/// Tells that a file is not of the version that it should be of, and of which it may be; and
/// whether it is at the end already.
fn other_version(
    plan: &Plan,
    Input { file, partial }: &Input,
    report: &mut FileUpgrade,
) -> Result<(Vec<Finding>, bool)> {
    let Some(document) = file.documents().first() else {
        return Ok((Vec::new(), false));
    };
    let versions = plan.versions.that_admit(&document.root)?;
    report.holds_to = versions.iter().map(ToString::to_string).collect();
    let is_there = plan.to.admits(&document.root)? == Some(true);
    let name = file.source.name();
    let message = format!("`{name}` does not hold to {}", plan.from.label());
    let help = match (&report.holds_to[..], is_there) {
        (_, true) => format!(
            "it holds to {} already, and stays as it is",
            plan.to.label()
        ),
        ([], _) => format!(
            "see what is wrong: `git strata check {name} --schema {}`",
            schema_name(plan)?
        ),
        (known, _) => format!("it holds to {}; name that with `--from`", known.join(", ")),
    };
    let mut findings = Vec::new();
    let mut finding =
        Finding::new(&rules::OTHER_VERSION, message, Location::file(&file.source)).with_help(help);
    let locate = |at: &Pointer| place(&document.root, at, file);
    for validator in plan
        .from
        .schemas()?
        .iter()
        .filter_map(|it| it.validator.as_ref())
    {
        let faults = validator.validate(&document.root, None, &locate);
        let counts = |fault: &Finding| !*partial || !is_of_whole(&document.root, fault);
        for fault in faults.into_iter().filter(counts).take(3) {
            finding = finding.with_related(fault.location.with_label(fault.message));
        }
    }
    findings.push(finding);
    Ok((findings, is_there))
}

fn schema_name(plan: &Plan) -> Result<String> {
    let path = plan
        .from
        .schemas()?
        .first()
        .map(|it| it.schema.path().to_owned());
    let path = path.unwrap_or_else(|| "SCHEMA".to_owned());
    Ok(match plan.from.tree.label() {
        Some(revision) => format!("{revision}:{path}"),
        None => path,
    })
}

/// Does every migration, and says whether the document holds to each major version on the way.
pub(super) fn carried(
    plan: &Plan,
    root: &Value,
    secrets: Secrets,
    gate: Option<&Gate>,
) -> Result<(Value, Journal, Vec<Between>)> {
    let none = |_: &Pointer| None;
    let before = plan.legs.iter().map(|leg| &leg.before);
    let defaults: Vec<_> = before
        .map(|before| move |at: &Pointer| before.default_at(at))
        .collect();
    let mut run = Run::new(root.clone(), secrets, &none);
    if let Some(gate) = gate {
        run = run.with_gate(gate);
    }
    // What a document is at a major version is judged while the next steps are done.
    let between = std::thread::scope(|scope| {
        let mut between = Vec::new();
        let mut waiting = None;
        for (index, (leg, defaults)) in plan.legs.iter().zip(&defaults).enumerate() {
            run.from_defaults(defaults);
            run.apply(&leg.migration);
            let Some(next) = plan.legs.get(index + 1) else {
                continue;
            };
            let major = |version: &Option<semver::Version>| version.as_ref().map(|it| it.major);
            if major(&next.after.version) != major(&leg.after.version) {
                between.extend(waiting.take().map(finished).transpose()?.flatten());
                let root = run.root().clone();
                let judge = move || {
                    let valid = leg.after.admits(&root)?;
                    Ok(valid.map(|valid| Between {
                        version: leg.after.label(),
                        valid,
                    }))
                };
                waiting = Some(scope.spawn(judge));
            }
        }
        between.extend(waiting.map(finished).transpose()?.flatten());
        Ok::<_, crate::Error>(between)
    })?;
    let (root, journal) = run.finish();
    Ok((root, journal, between))
}

/// Waits for what another thread finds out.
fn finished<T>(thread: std::thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Writes an old default down; says whether that was possible.
fn pinned(root: &mut Value, at: &Pointer, old: Option<&serde_json::Value>) -> bool {
    let (Some(old), Some(above), Some(last)) = (old, at.parent(), at.last()) else {
        return false;
    };
    let Some(crate::document::Kind::Object(map)) = root.at_mut(&above).map(|it| &mut it.kind)
    else {
        return false;
    };
    map.set(last, Value::from_json(old).detach());
    true
}
