use std::sync::Arc;

use super::model::{Agreement, Binding, Policy, Protection, Role, Scope, Verb};
use super::rules::POLICY_INVALID;
use super::who::GROUP;
use crate::config::Globs;
use crate::config::fields::Fields;
use crate::document::Value;
use crate::report::{Finding, Location};
use crate::text::{KeyPattern, Pointer, Source, nearest};

/// Reads the parts of a policy, and takes note of what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Arc<Source>,
    pub(super) findings: &'a mut Vec<Finding>,
}

impl<'a> Reader<'a> {
    pub(super) fn root(&mut self, root: &'a Value, policy: &mut Policy) {
        let at = Pointer::root();
        let mut fields = Fields::new(self.source, at.clone(), root, self.findings);
        if root.as_object().is_none() {
            return;
        }
        match fields.value("policy") {
            None => self.findings.push(fields.missing("policy", "policy: 1")),
            Some(it) if it.as_number().and_then(|it| it.to_i64()) == Some(1) => {}
            Some(it) => {
                let message = "`policy` names a version that this program does not know";
                let help = "write `policy: 1`, or use a newer `git strata`";
                self.wrong(&at.join("policy"), it, message, help);
            }
        }
        if let Some(name) = fields.text("repository", self.findings) {
            match is_word(&name) {
                true => policy.repository = Some(name.into()),
                false => {
                    let value = root.get("repository").unwrap_or(root);
                    let message = "`repository` must be one word";
                    self.wrong(
                        &at.join("repository"),
                        value,
                        message,
                        "such as `shop-config`",
                    );
                }
            }
        }
        for (name, entry, pointer) in fields.entries("roles", self.findings) {
            let location = Location::new(self.source, entry.key).with_pointer(pointer.clone());
            let verbs = self.verbs(&pointer, &entry.value);
            policy
                .roles
                .insert(name.to_string(), Role { verbs, location });
        }
        for (pointer, item) in self.list(&mut fields, "bindings") {
            policy.bindings.extend(self.binding(pointer, item, policy));
        }
        let protect = fields.value("protect");
        for (pointer, item) in self.list(&mut fields, "protect") {
            let (mut inner, location) = self.inner(&pointer, item);
            let scope = self.scope(&mut inner, &pointer, item);
            inner.finish(self.findings);
            policy.protections.push(Protection { scope, location });
        }
        if let Some(value) = protect.filter(|it| it.as_array().is_some_and(<[_]>::is_empty)) {
            let message = "`protect` is empty: nobody can tell whether all or nothing is meant";
            let help = "leave it out to protect all configuration, or say what is protected";
            self.wrong(&at.join("protect"), value, message, help);
        }
        for (pointer, item) in self.list(&mut fields, "approvals") {
            policy
                .agreements
                .extend(self.agreement(pointer, item, policy));
        }
        if !policy.agreements.is_empty() && policy.repository.is_none() {
            let mut missing = fields.missing("repository", "repository: shop-config");
            missing
                .message
                .push_str(": approvals name the repository that they are for");
            self.findings.push(missing);
        }
        fields.finish(self.findings);
    }

    fn binding(&mut self, at: Pointer, item: &'a Value, policy: &Policy) -> Option<Binding> {
        let (mut fields, location) = self.inner(&at, item);
        let who = fields.texts("who", self.findings);
        if who.is_empty() && item.get("who").is_none_or(|it| it.as_array().is_some()) {
            self.findings
                .push(fields.missing("who", "who: [ann@shop.example]"));
        }
        let role = self.role(&mut fields, "role", &at, item, policy);
        let scope = self.scope(&mut fields, &at, item);
        let is_denial = fields.truth("deny", self.findings).unwrap_or(false);
        fields.finish(self.findings);
        Some(Binding {
            who: who
                .into_iter()
                .map(|(name, place)| self.name(name.into(), place))
                .collect(),
            role: role?,
            scope,
            is_denial,
            location,
        })
    }

    fn agreement(&mut self, at: Pointer, item: &'a Value, policy: &Policy) -> Option<Agreement> {
        let (mut fields, location) = self.inner(&at, item);
        let scope = self.scope(&mut fields, &at, item);
        let verbs = match fields.value("verbs") {
            Some(value) => self.verbs(&at.join("verbs"), value),
            None => Vec::new(),
        };
        if verbs.contains(&Verb::Approve) {
            let value = item.get("verbs").unwrap_or(item);
            let message = "nobody is asked to agree to agreement";
            self.wrong(&at.join("verbs"), value, message, "leave `approve` out");
        }
        let needed = match fields.value("needed") {
            None => Some(1),
            Some(value) => {
                let number = value.as_number().and_then(|it| it.to_i64());
                let number = number.filter(|it| (1..=100).contains(it));
                if number.is_none() {
                    let message = "`needed` must be a number from 1 to 100";
                    self.wrong(&at.join("needed"), value, message, "such as `needed: 2`");
                }
                number.and_then(|it| usize::try_from(it).ok())
            }
        };
        let from = self.role(&mut fields, "from", &at, item, policy);
        if let Some(role) = from.as_ref().and_then(|it| policy.roles.get(it))
            && !role.verbs.contains(&Verb::Approve)
        {
            let value = item.get("from").unwrap_or(item);
            let message = "`from` names a role that does not hold `approve`";
            let help = "add `approve` to the verbs of the role";
            self.wrong(&at.join("from"), value, message, help);
        }
        fields.finish(self.findings);
        Some(Agreement {
            scope,
            verbs,
            needed: needed?,
            from: from?,
            location,
        })
    }

    fn role(
        &mut self,
        fields: &mut Fields<'a>,
        key: &'static str,
        at: &Pointer,
        item: &Value,
        policy: &Policy,
    ) -> Option<String> {
        let Some(value) = item.get(key).filter(|it| !it.is_null()) else {
            let _ = fields.value(key);
            self.findings
                .push(fields.missing(key, &format!("{key}: developer")));
            return None;
        };
        let name = fields.text(key, self.findings)?;
        if !policy.roles.contains_key(name.as_str()) {
            let near = nearest(&name, policy.roles.keys().map(String::as_str));
            let help = match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => "say under `roles` what it may do".to_owned(),
            };
            self.wrong(
                &at.join(key),
                value,
                &format!("there is no role `{name}`"),
                &help,
            );
            return None;
        }
        Some(name.into())
    }

    fn scope(&mut self, fields: &mut Fields<'a>, at: &Pointer, item: &Value) -> Scope {
        let mut scope = Scope::default();
        for (name, _) in self.texts(fields, "environments", at, item) {
            scope.environments.push(name);
        }
        for (text, location) in self.texts(fields, "sections", at, item) {
            match text.parse::<KeyPattern>() {
                Ok(pattern) => scope.sections.push(pattern),
                Err(error) => {
                    let message = format!("`{text}` is no pattern of keys: {error}");
                    let finding = Finding::new(&POLICY_INVALID, message, location);
                    self.findings
                        .push(finding.with_help("write one as in `database.*`"));
                }
            }
        }
        for (text, location) in self.texts(fields, "files", at, item) {
            match Globs::parse([&text]) {
                Ok(globs) => {
                    scope.globs.extend(globs);
                    scope.files.push(text);
                }
                Err(error) => {
                    let finding = Finding::new(&POLICY_INVALID, error.to_string(), location);
                    self.findings
                        .push(finding.with_help("write one as in `config/**`"));
                }
            }
        }
        scope
    }

    /// Reads a list of texts; one that is there and empty is a fault: it would mean all.
    fn texts(
        &mut self,
        fields: &mut Fields<'a>,
        key: &'static str,
        at: &Pointer,
        item: &Value,
    ) -> Vec<(String, Location)> {
        let texts = fields.texts(key, self.findings);
        if let Some(value) = item.get(key)
            && value.as_array().is_some_and(<[_]>::is_empty)
        {
            let message = format!("`{key}` is empty: nobody can tell whether all or none is meant");
            self.wrong(
                &at.join(key),
                value,
                &message,
                "leave it out where all is meant",
            );
        }
        texts
            .into_iter()
            .map(|(text, at)| (text.into(), at))
            .collect()
    }

    /// Takes a name; one that is nearly a group's would mean nobody.
    fn name(&mut self, name: String, place: Location) -> String {
        let is_group = name.starts_with(GROUP);
        let is_near = name.to_lowercase().starts_with(GROUP) && !is_group;
        let rest = name.strip_prefix(GROUP).unwrap_or(&name);
        if is_near || (is_group && !is_word(rest)) {
            let message = format!("`{name}` is no name of a group");
            let finding = Finding::new(&POLICY_INVALID, message, place);
            self.findings
                .push(finding.with_help("write it as in `group:ops`"));
        }
        name
    }

    fn verbs(&mut self, at: &Pointer, value: &Value) -> Vec<Verb> {
        let Some(items) = value.as_array().filter(|it| !it.is_empty()) else {
            self.wrong(
                at,
                value,
                "a role is a list of what it may do",
                "such as `[config.write]`",
            );
            return Vec::new();
        };
        let mut verbs = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let name = item.as_str().unwrap_or_default();
            if let Some(verb) = Verb::ALL.into_iter().find(|it| it.name() == name) {
                verbs.push(verb);
                continue;
            }
            let near = nearest(name, Verb::ALL.map(Verb::name));
            let help = match near.first() {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are {}", Verb::ALL.map(Verb::name).join(", ")),
            };
            let message = format!("`{name}` is nothing that a role can hold");
            self.wrong(&at.join(index.to_string()), item, &message, &help);
        }
        verbs
    }

    fn list(&mut self, fields: &mut Fields<'a>, key: &'static str) -> Vec<(Pointer, &'a Value)> {
        let at = Pointer::root().join(key);
        let Some(value) = fields.value(key) else {
            return Vec::new();
        };
        let Some(items) = value.as_array() else {
            let message = format!("`{key}` must be a list");
            self.wrong(&at, value, &message, "begin each of them with `- `");
            return Vec::new();
        };
        let items = items.iter().enumerate();
        items
            .map(|(index, item)| (at.join(index.to_string()), item))
            .collect()
    }

    fn inner(&mut self, at: &Pointer, item: &'a Value) -> (Fields<'a>, Location) {
        let fields = Fields::new(self.source, at.clone(), item, self.findings);
        for (key, value) in item.as_object().into_iter().flat_map(|map| map.iter()) {
            if value.is_null() {
                let message = format!("`{key}` is empty: nobody can tell what is meant");
                self.wrong(
                    &at.join(key.clone()),
                    value,
                    &message,
                    "say it, or leave the key out",
                );
            }
        }
        let location = Location::new(self.source, item.span).with_pointer(at.clone());
        (fields, location)
    }

    fn wrong(&mut self, at: &Pointer, value: &Value, message: &str, help: &str) {
        let location = Location::new(self.source, value.span).with_pointer(at.clone());
        let finding = Finding::new(&POLICY_INVALID, message, location);
        self.findings.push(finding.with_help(help));
    }
}

/// Says whether a text is one word that can stand in a line of a statement.
pub(super) fn is_word(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic();
    !text.is_empty() && text.len() <= 200 && text.bytes().all(is_plain)
}
