use std::fmt;

use super::Name;

/// What configuration is resolved for: an environment, a provider, a service; each may be left
/// out, and then the layers that name it are left out too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    environment: Option<String>,
    provider: Option<String>,
    service: Option<String>,
}

impl Target {
    /// Sets the environment.
    #[must_use]
    pub fn environment(self, name: impl Into<String>) -> Self {
        self.with(Name::Environment, name)
    }

    /// Sets the provider.
    #[must_use]
    pub fn provider(self, name: impl Into<String>) -> Self {
        self.with(Name::Provider, name)
    }

    /// Sets the service.
    #[must_use]
    pub fn service(self, name: impl Into<String>) -> Self {
        self.with(Name::Service, name)
    }

    /// Sets one of the names.
    #[must_use]
    pub fn with(mut self, name: Name, value: impl Into<String>) -> Self {
        let slot = match name {
            Name::Environment => &mut self.environment,
            Name::Provider => &mut self.provider,
            Name::Service => &mut self.service,
        };
        *slot = Some(value.into());
        self
    }

    /// Gives one of the names.
    #[must_use]
    pub fn name(&self, name: Name) -> Option<&str> {
        match name {
            Name::Environment => self.environment.as_deref(),
            Name::Provider => self.provider.as_deref(),
            Name::Service => self.service.as_deref(),
        }
    }
}

impl fmt::Display for Target {
    /// Writes the target for people: `service cart in prod`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.service, &self.environment) {
            (Some(service), Some(environment)) => write!(f, "service {service} in {environment}"),
            (Some(service), None) => write!(f, "service {service}"),
            (None, Some(environment)) => write!(f, "{environment}"),
            (None, None) => f.write_str("the configuration"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_people_say_it() {
        let target = Target::default();
        assert_eq!(target.to_string(), "the configuration");
        let target = target.environment("prod");
        assert_eq!(target.to_string(), "prod");
        let target = target.service("cart").provider("aws");
        assert_eq!(target.to_string(), "service cart in prod");
        assert_eq!(Target::default().service("a").to_string(), "service a");
    }
}
