use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use gix::config::Source;
use gix::config::file::Metadata;
use gix::lock::acquire::Fail;

use super::Repo;
use crate::{Error, Result};

/// How long one waits for another process that writes the configuration.
const PATIENCE: Duration = Duration::from_secs(5);

impl Repo {
    /// Sets values in a section of the repository's own Git configuration, such as
    /// `merge.strata`; all else in the file stays as it is.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, another process holds it, or the disk refuses.
    pub fn set_config(&self, section: (&str, &str), values: &[(&str, &str)]) -> Result<()> {
        self.edit_config(|file| {
            values.iter().try_for_each(|(name, value)| {
                let set = file.set_raw_value_by(section.0, section.1, *name, *value);
                set.map(|_| ())
            })
        })
    }

    /// Takes a section out of the repository's own Git configuration, if it is there.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, another process holds it, or the disk refuses.
    pub fn unset_config(&self, section: (&str, &str)) -> Result<()> {
        self.edit_config(|file| {
            while file.remove_section(section.0, section.1).is_some() {}
            Ok(())
        })
    }

    /// Gives one value of the repository's own Git configuration.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn own_config(&self, section: (&str, &str), name: &str) -> Result<Option<String>> {
        let file = self.read_config()?;
        let value = file.string_by(section.0, section.1, name);
        Ok(value.map(|value| value.to_string()))
    }

    fn config_file(&self) -> PathBuf {
        self.common_dir().join("config")
    }

    fn read_config(&self) -> Result<gix::config::File> {
        let path = self.config_file();
        if !path.exists() {
            return Ok(gix::config::File::new(Metadata::from(Source::Local)));
        }
        gix::config::File::from_path_no_includes(path, Source::Local)
            .map_err(|cause| self.config_refused("read").because(cause))
    }

    fn edit_config(
        &self,
        edit: impl FnOnce(&mut gix::config::File) -> std::result::Result<(), gix::Error>,
    ) -> Result<()> {
        let lock = gix::lock::File::acquire_to_update_resource(
            self.config_file(),
            Fail::AfterDurationWithBackoff(PATIENCE),
            None,
            0,
        );
        let mut lock = lock.map_err(|cause| {
            self.config_refused("write")
                .because(gix::Error::from_error(cause))
        })?;
        let mut file = self.read_config()?;
        let before = file.to_bstring();
        edit(&mut file).map_err(|cause| self.config_refused("change").because(cause))?;
        let after = file.to_bstring();
        if after == before {
            return Ok(());
        }
        let failed = |cause| {
            Error::io(
                format!("cannot write `{}`", self.config_file().display()),
                cause,
            )
            .with_help("look whether the file is yours to write to")
        };
        lock.write_all(&after).map_err(failed)?;
        match lock.commit() {
            Ok(_) => Ok(()),
            Err(refused) => Err(failed(refused.error)),
        }
    }

    fn config_refused(&self, what: &str) -> Error {
        let file = self.config_file();
        Error::repository(format!(
            "cannot {what} the configuration `{}`",
            file.display()
        ))
        .with_help("see what Git says of it: `git config --local --list`")
    }
}

#[cfg(test)]
mod tests {
    use crate::git::testing::Scratch;

    #[test]
    fn values_are_set_and_taken_out_and_all_else_stays() {
        let scratch = Scratch::started();
        let path = scratch.path().join(".git/config");
        let before = std::fs::read_to_string(&path).unwrap() + "# mine\n[alias]\n\tx = y ; z\n";
        std::fs::write(&path, &before).unwrap();
        let section = ("merge", "strata");
        let command = "'/it'\\''s \"here\"/git-strata' x %O # no";
        let values = [("name", "by value"), ("driver", command)];
        let repo = scratch.repo();
        repo.set_config(section, &values).unwrap();
        repo.set_config(section, &values).unwrap();
        assert_eq!(
            repo.own_config(section, "driver").unwrap().as_deref(),
            Some(command)
        );
        let told = scratch.git(&["config", "--get-all", "merge.strata.driver"]);
        assert_eq!(told.trim_end(), command);
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written.starts_with(&before), "{written}");
        repo.unset_config(section).unwrap();
        repo.unset_config(section).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
        assert_eq!(repo.own_config(section, "driver").unwrap(), None);
        std::fs::write(scratch.path().join(".git/config.lock"), "").unwrap();
    }
}
