//! Which layer a value is to be set in.

use bstr::BString;

use crate::config::{Configuration, MANIFEST, Name, Pattern, Resolved, Target};
use crate::error::{Error, Result};
use crate::text::Pointer;

/// Where a value is to be set.
pub(super) struct Owner {
    pub(super) path: BString,
    /// Whether a layer below it sets the value.
    pub(super) inherits: bool,
}

/// What is asked for by name.
pub(super) struct Asked<'a> {
    pub(super) configuration: &'a Configuration,
    pub(super) target: &'a Target,
    /// Whether the environment lives on a branch of its own.
    pub(super) own_branch: bool,
}

impl Asked<'_> {
    /// Gives the layer to set a value in: the one that sets it now, where that concerns nothing
    /// but what was asked for; else the lowest above it that does so.
    ///
    /// # Errors
    ///
    /// Where no layer concerns what was asked for alone, or a higher one sets the value.
    pub(super) fn owner(&self, resolved: &Resolved, key: &Pointer) -> Result<Owner> {
        let manifest = self.configuration.manifest();
        let layers: Vec<(&Pattern, BString)> = manifest
            .layers
            .iter()
            .filter_map(|layer| Some((&layer.value, layer.value.expand(self.target)?)))
            .collect();
        let setting = resolved
            .layer_of(key)
            .and_then(|set| layers.iter().position(|(_, path)| *path == set.path));
        if let Some(at) = setting.filter(|at| self.is_alone(layers[*at].0)) {
            return Ok(Owner {
                path: layers[at].1.clone(),
                inherits: false,
            });
        }
        let above = setting.map_or(0, |at| at + 1);
        let found = layers[above..]
            .iter()
            .find(|(pattern, _)| self.is_alone(pattern));
        match (found, setting) {
            (Some((_, path)), _) => Ok(Owner {
                path: path.clone(),
                inherits: setting.is_some(),
            }),
            (None, Some(at)) => Err(Error::usage(format!(
                "`{}` is set in `{}`, which concerns more than {}",
                key.dotted(),
                layers[at].1,
                self.target
            ))
            .with_help(format!(
                "change it for all of them: `--layer {}`",
                layers[at].1
            ))),
            (None, None) => Err(
                Error::usage(format!("no layer concerns {} alone", self.target)).with_help(
                    format!(
                        "name the file to change: `--layer FILE`; or add a layer to `{MANIFEST}`"
                    ),
                ),
            ),
        }
    }

    /// Says whether a layer concerns nothing but what was asked for.
    fn is_alone(&self, pattern: &Pattern) -> bool {
        let service = self.target.name(Name::Service).is_none() || pattern.names(Name::Service);
        let environment = self.target.name(Name::Environment).is_none()
            || self.own_branch
            || pattern.names(Name::Environment);
        service && environment
    }
}

/// Says that a template is not written by a program: what is to be changed may stand in no line of
/// it, or in one that serves other values, too.
pub(super) fn left_to_hand(path: &BString, key: &Pointer, resolved: &Resolved) -> Error {
    let key_text = key.dotted();
    let own = resolved.layer_of(key).filter(|layer| layer.path == *path);
    let message = match own {
        None => format!("`{path}` is a template, which is edited by hand"),
        Some(_) => {
            let at = resolved.location(key);
            let (file, line) = (at.source.name(), at.start().line);
            format!(
                "`{key_text}` comes out of the template `{path}` ({file}:{line}), which is edited by hand"
            )
        }
    };
    Error::usage(message).with_help(format!(
        "edit that file, and see what comes out: `git strata get {key_text}`; or set it in another \
         layer: `--layer FILE`"
    ))
}
