use std::collections::BTreeSet;

use super::{Filter, Side};
use crate::config::Configuration;
use crate::error::{Error, Result};
use crate::text::{Pointer, nearest};

/// Refuses the place that is asked for where nothing is set at it in any environment.
pub(super) fn is_known(
    configuration: &Configuration,
    sides: &[Side],
    filter: &Filter,
) -> Result<()> {
    if filter.path.is_root() {
        return Ok(());
    }
    let mut keys: BTreeSet<String> = BTreeSet::new();
    for side in sides {
        let mut services: Vec<Option<String>> = match &filter.service {
            Some(name) => vec![Some(name.clone())],
            None => configuration
                .services(&side.tree)?
                .into_iter()
                .map(Some)
                .collect(),
        };
        if services.is_empty() {
            services.push(None);
        }
        for service in services {
            let environment = side.environment.as_deref();
            let target = configuration
                .manifest()
                .target(environment, service.as_deref());
            let (resolved, findings) = configuration.resolve_in(&side.tree, &target)?;
            // It may stand in a layer that cannot be read.
            if resolved.value().at(&filter.path).is_some() || !findings.is_empty() {
                return Ok(());
            }
            resolved.walk(|pointer, _| {
                for depth in 1..=pointer.tokens().len() {
                    let above = pointer.tokens()[..depth].iter().cloned();
                    keys.insert(Pointer::from_tokens(above).dotted());
                }
            });
        }
    }
    let key = filter.path.dotted();
    let names: Vec<&str> = sides.iter().map(|side| side.name.as_str()).collect();
    let message = format!("nothing is set at `{key}` in {}", names.join(" or "));
    let all = keys.iter().map(String::as_str);
    let is_near = !nearest(&key, all.clone()).is_empty();
    Err(Error::not_found(message)
        .with_names(&key, all.filter(|name| is_near || !name.contains('.'))))
}
