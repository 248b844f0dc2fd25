use serde::{Deserialize, Serialize};

use crate::ops::embedded;
use crate::report::{Block, Report, View};
use crate::{Error, Result};

/// The template that is taken where none is named.
pub const DEFAULT_TEMPLATE: &str = "minimal";

/// A starter template: what it is for, and the files it puts in place.
#[derive(Clone, Debug, Serialize)]
pub struct Template {
    /// The name it is asked for by.
    pub name: &'static str,
    /// What it is, in a few words.
    pub title: String,
    /// Whom it is for, and what it holds.
    pub summary: String,
    /// What to try once it is in place.
    pub next: Vec<Hint>,
    /// The files, by their paths below the root of the repository.
    #[serde(skip)]
    pub files: Vec<(&'static str, &'static [u8])>,
}

/// A command worth trying, and what it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hint {
    /// The command line.
    pub run: String,
    /// What it answers.
    pub why: String,
}

/// The starter templates there are.
#[derive(Clone, Debug, Serialize)]
pub struct TemplatesBody {
    /// In the order of their names.
    pub templates: Vec<Template>,
}

/// `template.yaml` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Card {
    title: String,
    summary: String,
    next: Vec<Hint>,
}

impl Template {
    /// Finds a template by its name.
    ///
    /// # Errors
    ///
    /// None of that name: near names are offered.
    pub fn named(name: &str) -> Result<Self> {
        let all = TemplatesBody::all()?.templates;
        let names: Vec<&str> = all.iter().map(|template| template.name).collect();
        match all.iter().find(|template| template.name == name) {
            Some(template) => Ok(template.clone()),
            None => {
                Err(Error::not_found(format!("there is no template `{name}`"))
                    .with_names(name, names))
            }
        }
    }
}

impl TemplatesBody {
    /// Lists the templates.
    ///
    /// # Errors
    ///
    /// A template that is not of its form, which a test rules out.
    pub fn report() -> Result<Report<Self>> {
        Ok(Report::new(None, Vec::new(), Self::all()?))
    }

    /// Lists the templates in the binary.
    ///
    /// # Errors
    ///
    /// None in a binary whose tests have passed: each `template.yaml` is read.
    pub fn all() -> Result<Self> {
        let mut templates: Vec<Template> = Vec::new();
        for (path, bytes) in embedded::TEMPLATES {
            if let Some(name) = path.strip_suffix("/template.yaml") {
                let card: Card = crate::ops::own::parse_own(path, bytes)?;
                let within = |&(path, bytes): &embedded::File| {
                    let below = path.strip_prefix(name)?.strip_prefix("/files/")?;
                    Some((below, bytes))
                };
                templates.push(Template {
                    name,
                    title: card.title,
                    summary: card.summary,
                    next: card.next,
                    files: embedded::TEMPLATES.iter().filter_map(within).collect(),
                });
            }
        }
        templates.sort_by_key(|template| template.name);
        Ok(Self { templates })
    }
}

impl View for TemplatesBody {
    fn view(&self) -> Vec<Block> {
        let rows = self.templates.iter().map(|template| {
            let summary = format!("{}: {}", template.title, template.summary);
            vec![template.name.to_owned(), summary]
        });
        vec![
            Block::Table {
                columns: vec!["template".to_owned(), "what it is".to_owned()],
                rows: rows.collect(),
            },
            Block::Text("Start with one: `git strata init --template NAME`".to_owned()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_has_a_manifest_and_something_to_try() {
        let all = TemplatesBody::all().unwrap().templates;
        let names: Vec<_> = all.iter().map(|template| template.name).collect();
        assert_eq!(names, ["environments", "minimal", "services"]);
        for template in all {
            let files: Vec<_> = template.files.iter().map(|(path, _)| *path).collect();
            assert!(files.contains(&"strata.yaml"), "{}", template.name);
            assert!((2..=3).contains(&template.next.len()), "{}", template.name);
        }
        assert!(Template::named(DEFAULT_TEMPLATE).is_ok());
    }

    #[test]
    fn offers_near_names() {
        let error = Template::named("service").unwrap_err();
        assert_eq!(error.to_string(), "there is no template `service`");
        assert_eq!(error.help(), Some("did you mean `services`?"));
    }
}
