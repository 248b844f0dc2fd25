//! Steps that set values: add, set, pin a default, map, convert, compute.

use std::sync::Arc;

use super::tree::{self, Landing, landing, put, split};
use super::{Run, name};
use crate::config::schema::Formula;
use crate::document::{Kind, Value};
use crate::ops::migration::condition::evaluate;
use crate::ops::migration::convert::Conversion;
use crate::ops::migration::path::{Found, Path, Scope};
use crate::ops::migration::step::{Otherwise, Step};
use crate::text::Pointer;

impl Run<'_> {
    /// Finds the places that a path names in the maps that its front matches, there or not.
    fn places_for(&mut self, path: &Path, create: bool, scope: &Scope) -> Vec<Found> {
        let Some(last) = path.name() else {
            return Vec::new();
        };
        let Some(above) = path.parent() else {
            return Vec::new();
        };
        let may_hold = |value: Option<&Value>| match value.map(|value| &value.kind) {
            Some(Kind::Object(_)) => true,
            Some(Kind::Null) | None => create,
            // One place that is named is told; of several, those that can hold it are meant.
            _ => create && path.stars() == 0 && !path.has_deep(),
        };
        let mut found = match create {
            true => self.fronts(&above, scope),
            false => above.find(&self.root, scope),
        };
        found.retain(|found| may_hold(self.root.at(&found.at)));
        for found in &mut found {
            found.at.push(last.clone());
        }
        found
    }

    /// Finds what a path matches up to its last wildcard, and names the rest, there or not.
    fn fronts(&self, path: &Path, scope: &Scope) -> Vec<Found> {
        use crate::ops::migration::path::Token;
        let is_name = |token: &Token| matches!(token, Token::Key(_));
        let names = path
            .tokens
            .iter()
            .rev()
            .take_while(|it| is_name(it))
            .count();
        let (front, rest) = path.tokens.split_at(path.tokens.len() - names);
        let front = Path {
            absolute: path.absolute,
            tokens: front.to_vec(),
        };
        let mut found = front.find(&self.root, scope);
        for found in &mut found {
            for token in rest {
                if let Token::Key(name) = token {
                    found.at.push(name.clone());
                }
            }
        }
        found
    }

    fn wanted(&mut self, step: &Step, mut found: Vec<Found>, scope: &Scope) -> Vec<Found> {
        if let Some(when) = &step.when {
            found.retain(|found| match self.asked(when, scope, found) {
                Ok(holds) => holds,
                Err(why) => {
                    self.unclear(&step.about, &found.at, &why);
                    false
                }
            });
        }
        found
    }

    /// Puts a new value where there is none.
    fn fresh(&mut self, step: &Step, at: Pointer, value: Value) {
        let about = &step.about;
        if let Some(gate) = self.gate {
            if !gate.is_open(about, &at) {
                return;
            }
            gate.close(about, &at);
        }
        if !self.has_room(&value) {
            let message = "so many additions would make the document too large";
            return self.manual(about, &at, message, None);
        }
        match put(&mut self.root, &at, tree::entry(value.clone()), None) {
            Ok(()) => self.journal.record(about, at, None, None, Some(value)),
            Err(_) => {
                let why = match landing(&self.root, &at) {
                    Landing::Blocked(why) => why,
                    _ => format!("{} cannot be set here", name(&at)),
                };
                self.manual(about, &at, why, None);
            }
        }
    }

    pub(super) fn add(
        &mut self,
        step: &Step,
        path: &Path,
        value: &Value,
        create: bool,
        scope: &Scope,
    ) {
        let found = self.places_for(path, create, scope);
        for found in self.wanted(step, found, scope) {
            if self.root.at(&found.at).is_none() {
                self.fresh(step, found.at, value.clone());
            }
        }
    }

    pub(super) fn set(&mut self, step: &Step, path: &Path, value: &Value, scope: &Scope) {
        let found = self.places_for(path, true, scope);
        for found in self.wanted(step, found, scope) {
            match self.root.at(&found.at) {
                None => self.fresh(step, found.at, value.clone()),
                Some(_) => self.replace(step, &found.at, value.clone()),
            }
        }
    }

    pub(super) fn pin_default(
        &mut self,
        step: &Step,
        path: &Path,
        value: Option<&Value>,
        scope: &Scope,
    ) {
        let found = self.places_for(path, true, scope);
        for found in self.wanted(step, found, scope) {
            if self.root.at(&found.at).is_some() {
                continue;
            }
            let value = value.cloned();
            match value.or_else(|| (self.defaults)(&found.at).map(Value::detach)) {
                Some(value) => self.fresh(step, found.at, value),
                None => {
                    let message = format!("the default that {} had is not known", name(&found.at));
                    let help = format!("set {} to what it was by itself", name(&found.at));
                    self.manual(&step.about, &found.at, message, Some(help));
                }
            }
        }
    }

    /// Puts a value in the place of another. A scalar stays where it stands in the text.
    pub(super) fn replace(&mut self, step: &Step, at: &Pointer, new: Value) {
        if let Some(why) = tree::too_deep(at, &new) {
            return self.manual(&step.about, at, why, None);
        }
        if !self.has_room(&new) {
            let message = "so many new values would make the document too large";
            return self.manual(&step.about, at, message, None);
        }
        let Some(place) = self.root.at_mut(at) else {
            return;
        };
        if *place == new {
            return;
        }
        let is_scalar = |value: &Value| !matches!(value.kind, Kind::Array(_) | Kind::Object(_));
        let kept = new.clone();
        let old = if is_scalar(place) && is_scalar(&new) {
            let mut old = place.clone();
            old.tag = std::mem::replace(&mut place.tag, new.tag);
            place.kind = new.kind;
            old
        } else {
            std::mem::replace(place, new)
        };
        let about = &step.about;
        self.journal
            .record(about, at.clone(), None, Some(old), Some(kept));
    }

    pub(super) fn map_values(
        &mut self,
        step: &Step,
        path: &Path,
        (values, loose, otherwise): (&[(Value, Value)], bool, &Otherwise),
        scope: &Scope,
    ) {
        for found in self.matches(step, path, scope) {
            let Some(value) = self.root.at(&found.at) else {
                continue;
            };
            let listed = values.iter().find(|(from, _)| match loose {
                true => reads_as(from.as_str().unwrap_or_default(), value),
                false => from == value,
            });
            let is_new = || values.iter().any(|(_, to)| to == value);
            match (listed, otherwise) {
                (Some((_, to)), _) => self.replace(step, &found.at, to.clone()),
                (None, Otherwise::Value(to)) if !value.is_null() && !is_new() => {
                    self.replace(step, &found.at, to.clone());
                }
                (None, Otherwise::Stop) if !value.is_null() && !is_new() => {
                    let is = self.shown(&found.at, value);
                    let message = format!(
                        "{} is {is}, for which no new value is known",
                        name(&found.at)
                    );
                    let known: Vec<String> =
                        values.iter().map(|(_, to)| super::shown(to)).collect();
                    let help = format!("set it by hand; new values are {}", known.join(", "));
                    self.manual(&step.about, &found.at, message, Some(help));
                }
                _ => {}
            }
        }
    }

    pub(super) fn convert(
        &mut self,
        step: &Step,
        path: &Path,
        conversion: &Conversion,
        scope: &Scope,
    ) {
        for found in self.matches(step, path, scope) {
            let Some(value) = self.root.at(&found.at) else {
                continue;
            };
            match conversion.apply(value) {
                Ok(None) => {}
                Ok(Some(kind)) => self.replace(step, &found.at, Value::detached(kind)),
                Err(why) => {
                    let is = self.shown(&found.at, value);
                    let message = match why.starts_with("is ") || why.starts_with("cannot") {
                        true => format!("{} ({is}) {why}", name(&found.at)),
                        false if self.journal.is_secret(&found.at, Some(value)) => {
                            format!("{} cannot be converted exactly", name(&found.at))
                        }
                        false => format!("{}: {why}", name(&found.at)),
                    };
                    let help = "write it the new way by hand".to_owned();
                    self.manual(&step.about, &found.at, message, Some(help));
                }
            }
        }
    }

    pub(super) fn cel(&mut self, step: &Step, path: &Path, formula: &Arc<Formula>, scope: &Scope) {
        for found in self.matches(step, path, scope) {
            let value = self.root.at(&found.at);
            match evaluate(formula, value, &found.at, &|| self.given_root()) {
                Ok(new) => {
                    // It may have been made of any secret.
                    if formula.uses("root") && self.journal.has_secrets() {
                        self.journal.hide(found.at.clone());
                    }
                    self.replace(step, &found.at, new);
                }
                Err(why) => {
                    let message = format!("`{}` gives nothing here: {why}", formula.as_str());
                    let help = format!("set {} by hand", name(&found.at));
                    self.manual(&step.about, &found.at, message, Some(help));
                }
            }
        }
    }

    /// Puts a new value around or inside another, which keeps its own place in the text.
    pub(super) fn reshape(
        &mut self,
        step: &Step,
        at: &Pointer,
        change: impl FnOnce(Value) -> Value,
    ) -> bool {
        let Some(value) = self.root.at(at) else {
            return false;
        };
        if at.tokens().len() + value.depth() >= super::DEPTH {
            let message = format!("{} stands too deep for that", name(at));
            self.manual(&step.about, at, message, None);
            return false;
        }
        let Some(value) = self.root.at_mut(at) else {
            return false;
        };
        *value = change(std::mem::take(value));
        true
    }

    /// Says which key of a map an entry has, if it is one.
    pub(super) fn position(&self, at: &Pointer) -> Option<(Pointer, usize)> {
        let (above, last) = split(at)?;
        let index = self.root.at(&above)?.as_object()?.position(&last)?;
        Some((above, index))
    }
}

/// Says whether a text as it stands in a map's key means a value: that text, or what it reads as.
fn reads_as(text: &str, value: &Value) -> bool {
    match &value.kind {
        Kind::String(own) => own == text,
        Kind::Number(number) => {
            number.as_str() == text
                || crate::document::Number::new(text).is_some_and(|read| read == *number)
        }
        Kind::Bool(truth) => text == if *truth { "true" } else { "false" },
        Kind::Null => matches!(text, "null" | "~"),
        _ => false,
    }
}
