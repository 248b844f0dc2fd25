use std::collections::BTreeMap;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::{Before, Judge};
use crate::error::Result;
use crate::ops::secret::places::Usage;
use crate::ops::secret::rules::COPIED_TOKEN;
use crate::report::{Finding, Location};
use crate::text::{Source, Span};

impl Judge<'_> {
    /// Tells of tokens in files that are no layers, where nothing opens them: from there they could
    /// come back when they are long replaced.
    pub(super) fn beside(
        &mut self,
        before: &Before<'_>,
        layers: &BTreeMap<BString, Usage>,
    ) -> Result<()> {
        const HEAD: &str = "ENC[age1,";
        for change in before.changes() {
            if layers.contains_key(&change.path) {
                continue;
            }
            let Some(blob) = self.tree.files().read(change.path.as_ref())? else {
                continue;
            };
            let Ok(text) = std::str::from_utf8(&blob.bytes) else {
                continue;
            };
            for (start, _) in text.match_indices(HEAD) {
                let end = text[start..]
                    .find(']')
                    .map_or(text.len(), |end| start + end + 1);
                let Some((other, _)) = self.seen.get(&text[start..end]) else {
                    continue;
                };
                let mut source = Source::new(change.path.to_str_lossy(), text);
                if let Some(label) = self.tree.label() {
                    source = source.at_revision(label);
                }
                let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end)) else {
                    break;
                };
                let place = Location::new(&Arc::new(source), Span::new(start, end));
                let message = format!(
                    "the sealed value of `{}` in `{}` was copied into a file that is no layer",
                    other.pointer.clone().unwrap_or_default().dotted(),
                    other.source.name()
                );
                let related = other.clone().with_label("here");
                self.findings.push(
                    Finding::new(&COPIED_TOKEN, message, place)
                        .with_related(related)
                        .with_help("take the copy out"),
                );
            }
        }
        Ok(())
    }
}
