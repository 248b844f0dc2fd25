//! Configuration management inside Git: schemas, layers, environments, and the history of all
//! three, read from a repository and answered with values, findings and reports.
//!
//! A repository is opened, a snapshot of one tree taken, its configuration resolved for a target,
//! and values read into types of your own:
//!
//! ```
//! use strata::config::{Configuration, Snapshot};
//! use strata::git::Repo;
//!
//! # let dir = tempfile::tempdir().unwrap();
//! # let folder = dir.path().join("shop");
//! # strata::ops::demo::build(&folder)?;
//! let repo = Repo::discover(&folder)?;
//! let snapshot = Snapshot::of_work_tree(&repo)?;
//! let configuration = Configuration::open(Some(repo), snapshot)?;
//!
//! let payments = configuration.target(Some("prod"), Some("payments"))?;
//! let resolved = configuration.resolve(&payments)?;
//! let timeout: u32 = resolved.get("http.request_timeout_ms")?;
//! assert_eq!(timeout, 8000);
//!
//! let from = resolved.location(&"http.request_timeout_ms".parse()?);
//! assert_eq!(from.source.name(), "config/services/payments/base.yaml");
//! assert_eq!(from.source.revision(), Some("env/prod"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A secret is sealed where it stands. It opens for who holds a key of its keyring, and shows
//! itself only when it is exposed:
//!
//! ```
//! use std::sync::Arc;
//!
//! use strata::config::{Configuration, Snapshot};
//! use strata::seal::{Identities, Silent};
//!
//! # use strata::seal::{Ask, Context, Keys, Secret, Token, new_identity};
//! # let dir = tempfile::tempdir().unwrap();
//! # let folder = dir.path();
//! # let nobody: Ask = Arc::new(Silent);
//! # let (ann, key) = new_identity();
//! # let keys = Keys::new();
//! # let public = keys.recipient(1).unwrap();
//! # let place = Context {
//! #     keyring: "prod".to_owned(),
//! #     document: "config.yaml".to_owned(),
//! #     pointer: "/database/password".to_owned(),
//! # };
//! # let token = Token::seal(&Secret::text("hunter2"), &place, 1, &public)?;
//! # std::fs::create_dir(folder.join("keyrings"))?;
//! # std::fs::write(folder.join("keyrings/prod.age"), keys.seal(&[("ann".to_owned(), ann)].into(), &nobody)?)?;
//! # std::fs::write(folder.join("config.yaml"), format!("database:\n  password: {token}\n"))?;
//! # let keyring = format!("keyrings: {{prod: {{recipient: {public}, generation: 1}}}}");
//! # std::fs::write(folder.join("strata.yaml"), format!("strata: 1\nlayers: [config.yaml]\n{keyring}\n"))?;
//! # let text = key.expose();
//! let configuration = Configuration::open(None, Snapshot::of_folder(&folder))?;
//! let resolved = configuration.resolve(&configuration.target(None, None)?)?;
//!
//! // `text` is what a file of private keys holds; nobody is asked for a passphrase.
//! let mine = Identities::read("key.txt", text.as_bytes(), &(Arc::new(Silent) as _))?;
//! let vault = configuration.vault(configuration.here(), Arc::new(mine))?;
//! let password = resolved.open(&"database.password".parse()?, &vault)?;
//! assert_eq!(password.expose(), "hunter2");
//! assert_eq!(format!("{password:?}"), "Secret(***)");
//!
//! let text: String = resolved.get_with("database.password", &vault)?;
//! assert_eq!(text, "hunter2");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing here reads the environment, prints, or exits: time, identity and places are arguments.
//! A fault in the configuration is a [`Finding`](report::Finding), of which all are collected; a
//! fault in running is an [`Error`], which stops.
//!
//! The modules stand on floors; each uses only those above it in this list.

// Places in texts.
pub mod text;

// What stops a command.
mod error;
// Work that all cores share.
mod cores;

// What is said.
pub mod report;

// The repository.
pub mod git;

// Text into spanned values.
pub mod document;
// A report, drawn.
pub mod render;
// Secrets, sealed.
pub mod seal;
// Signatures, and who may sign.
pub mod sign;

// The configuration and its schema.
pub mod config;

// Whether one schema admits what another does.
pub mod inclusion;

// What the tool can do.
pub mod ops;

pub use error::{Error, ErrorKind, Result};
