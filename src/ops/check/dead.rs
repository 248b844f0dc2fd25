use std::collections::BTreeMap;

use crate::config::Resolved;
use crate::report::{Finding, Location, Rule, Severity};

/// A layer sets what it would inherit.
pub(super) static DEAD_OVERRIDE: Rule = Rule {
    id: "dead-override",
    severity: Severity::Info,
    summary: "a value in a layer that the layers below it set to the same",
    docs: "A layer sets an option to the value that it has without it, for every environment and \
service that the layer is part of. It changes nothing now. When the layer below changes, this one \
keeps the old value, most often against what was meant.

**What to do.** Take the line out, unless it is to stay so whatever happens below.

```yaml
# config/base.yaml        # config/environments/prod.yaml
log:                      log:
  level: info               level: info      # so it is anyway
```",
};

/// Where something stands: file, revision, and the byte.
type Spot = (String, Option<String>, u32);

/// The repetitions that were seen, and by how many targets.
#[derive(Default)]
pub(super) struct Dead {
    /// How many targets each layer is part of.
    uses: BTreeMap<(String, Option<String>), usize>,
    /// For how many of them a value repeats what is below.
    seen: BTreeMap<Spot, (usize, Location, Location)>,
}

impl Dead {
    /// Takes note of what is repeated in one target.
    pub(super) fn look(&mut self, resolved: &Resolved) {
        for layer in resolved.layers() {
            let source = &layer.source;
            let name = (
                source.name().to_owned(),
                source.revision().map(str::to_owned),
            );
            *self.uses.entry(name).or_default() += 1;
        }
        for (by, of) in resolved.repeated() {
            let source = &by.source;
            let revision = source.revision().map(str::to_owned);
            let spot = (source.name().to_owned(), revision, by.span.start);
            let entry = self.seen.entry(spot).or_insert((0, by, of));
            entry.0 += 1;
        }
    }

    /// Gives what changes nothing anywhere.
    pub(super) fn into_findings(self) -> impl Iterator<Item = Finding> {
        let Self { uses, seen } = self;
        seen.into_iter()
            .filter_map(move |((file, revision, _), (count, by, of))| {
                (uses.get(&(file, revision)) == Some(&count)).then_some((by, of))
            })
            .map(|(by, of)| {
                let key = by
                    .pointer
                    .as_ref()
                    .map(|it| it.dotted())
                    .unwrap_or_default();
                let message = format!("`{key}` has this value without this line");
                Finding::new(&DEAD_OVERRIDE, message, by)
                    .with_related(of.with_label("so it is anyway"))
                    .with_help("take it out, unless it is to stay so whatever changes below")
            })
    }
}
