//! The built program, run as a script would: its own home, its own database, no settings of ours.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::dart::FakeDart;

/// A key of forty characters that must never be seen again.
pub const KEY: &str = "SentinelKey0123456789SentinelKey01234567";

/// A home for the program.
pub struct Dps {
    home: TempDir,
    settings: Vec<(String, String)>,
}

/// How a run ended.
#[derive(Debug)]
pub struct CommandOutput {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Dps {
    /// Without a key; what it would ask is this machine's discard port.
    pub fn new() -> Self {
        let home = TempDir::new().unwrap();
        let db = home.path().join("dps.db").display().to_string();
        Self {
            home,
            settings: Vec::new(),
        }
        .with("DPS_DB", &db)
        .with("DPS_API_BASE", "http://127.0.0.1:9")
        .with("DPS_RATE_PER_MINUTE", "0")
    }

    /// With a key, asking this server.
    pub fn asking(dart: &FakeDart) -> Self {
        Self::new()
            .with("DPS_API_BASE", &dart.server.origin())
            .with("DART_API_KEY", KEY)
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(set, _)| set != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.settings.retain(|(set, _)| set != name);
        self
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn db(&self) -> PathBuf {
        self.home.path().join("dps.db")
    }

    /// The command, ready to be spawned.
    pub fn command<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dps"));
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy().into_owned();
            if ["DPS_", "DART_", "OPENDART_", "XDG_"]
                .iter()
                .any(|own| text.starts_with(own))
            {
                command.env_remove(&name);
            }
        }
        let home = self.home.path();
        command
            .args(args)
            .env("HOME", home)
            .env("USERPROFILE", home)
            .env("APPDATA", home)
            .env("LOCALAPPDATA", home)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(home)
            .stdin(Stdio::null());
        command
    }

    pub fn run<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> CommandOutput {
        let output = self.command(args).output().unwrap();
        CommandOutput {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl CommandOutput {
    /// Ended with this code; else both streams are shown.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "\n--- stdout\n{}--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Said nothing beside its data.
    #[track_caller]
    pub fn no_stderr(self) -> Self {
        assert_eq!(self.stderr, "", "nothing was expected on stderr");
        self
    }

    /// Printed no data.
    #[track_caller]
    pub fn no_stdout(self) -> Self {
        assert_eq!(self.stdout, "", "nothing was expected on stdout");
        self
    }

    /// Said each of these.
    #[track_caller]
    pub fn stderr_contains<const N: usize>(self, words: [&str; N]) -> Self {
        for word in words {
            assert!(
                self.stderr.contains(word),
                "{word:?} is not said:\n{}",
                self.stderr
            );
        }
        self
    }

    /// stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}:\n{}", self.stdout))
    }
}
