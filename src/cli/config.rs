//! Where the settings come from: flags beat the environment beats the config file beats defaults.

use std::cell::Cell;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use serde::Deserialize;

use crate::domain::{OriginKind, kst_date};
use crate::fetch::{Fetcher, Gate, Rate, SystemClock};
use crate::opendart::{ApiKey, Client, Origin, Timeouts, Transport};
use crate::sandbox;
use crate::store::Store;

use super::exit::Failure;

/// Options every command takes.
#[derive(Debug, Args)]
pub(super) struct Global {
    /// The database file (else DPS_DB, else a file of this user's)
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) db: Option<PathBuf>,
    /// Use the built-in stand-in for OpenDART: made-up data, no key, no network
    #[arg(long, global = true)]
    pub(super) sandbox: bool,
}

/// The key of the sandbox, which takes any forty characters.
const SANDBOX_KEY: &str = "sandboxsandboxsandboxsandboxsandboxsandb";

/// What the config file may say (TOML).
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    db: Option<PathBuf>,
    api_base: Option<String>,
    api_key_file: Option<PathBuf>,
    rate_per_minute: Option<u32>,
    timeout_ms: Option<u64>,
}

/// The settings of one invocation.
pub(super) struct Config {
    /// The database's file.
    pub(super) db: PathBuf,
    origin: Source,
    key: Option<KeyPlace>,
    rate_per_minute: Option<u32>,
    timeout: Option<Duration>,
}

enum Source {
    /// OpenDART or what stands for it.
    Origin(Origin),
    /// The built-in sandbox, started when it is first asked.
    Sandbox,
}

enum KeyPlace {
    Variable(&'static str),
    File(PathBuf),
}

impl Config {
    /// Reads the environment and the config file.
    pub(super) fn load(global: &Global) -> Result<Self, Failure> {
        let file = read_file()?;
        let rate_per_minute = number("DPS_RATE_PER_MINUTE")?.or(file.rate_per_minute);
        let timeout_ms: Option<u64> = number("DPS_TIMEOUT_MS")?.or(file.timeout_ms);
        if timeout_ms == Some(0) {
            return Err(Failure::usage(
                "DPS_TIMEOUT_MS is 0",
                "give the milliseconds one attempt may take, as 30000",
            ));
        }
        let timeout = timeout_ms.map(Duration::from_millis);
        if global.sandbox {
            // DPS_DB does not count here, lest made-up figures get into it.
            let db = global
                .db
                .clone()
                .map_or_else(|| default_db(Some(&sandbox_tag())), Ok)?;
            let origin = Source::Sandbox;
            return Ok(Self {
                db,
                origin,
                key: None,
                rate_per_minute,
                timeout,
            });
        }
        let base = variable("DPS_API_BASE").or(file.api_base);
        let origin = match &base {
            Some(base) => Origin::parse(base).map_err(|error| {
                Failure::usage(
                    format!("DPS_API_BASE: {error}"),
                    "as https://gateway.example or http://127.0.0.1:8080",
                )
            })?,
            None => Origin::opendart(),
        };
        let tag = base.is_some().then(|| origin.file_tag());
        let named = global.db.clone().or_else(|| path("DPS_DB")).or(file.db);
        let db = named.map_or_else(|| default_db(tag.as_deref()), Ok)?;
        let key = ["DART_API_KEY", "OPENDART_API_KEY"]
            .into_iter()
            .find(|name| variable(name).is_some())
            .map(KeyPlace::Variable)
            .or_else(|| path("DART_API_KEY_FILE").map(KeyPlace::File))
            .or_else(|| file.api_key_file.map(KeyPlace::File));
        Ok(Self {
            db,
            origin: Source::Origin(origin),
            key,
            rate_per_minute,
            timeout,
        })
    }

    /// The kind of answers the database has to hold.
    pub(super) fn origin_kind(&self) -> OriginKind {
        match &self.origin {
            Source::Origin(origin) => origin.kind(),
            Source::Sandbox => OriginKind::Sandbox,
        }
    }

    /// Opens the database, making it where there is none.
    pub(super) fn open_store(&self) -> Result<Store, Failure> {
        Ok(Store::open(&self.db, self.origin_kind())?)
    }

    /// Opens the database if there is one.
    pub(super) fn open_existing_store(&self) -> Result<Option<Store>, Failure> {
        Ok(Store::open_existing(&self.db, self.origin_kind())?)
    }

    /// Connects to OpenDART, or starts the sandbox. Calls pass the gate in `store`.
    ///
    /// Fails without a key, and with a rate the origin does not allow.
    pub(super) fn connect(&self, store: &Store) -> Result<Connection, Failure> {
        let (origin, sandbox, key) = match &self.origin {
            Source::Origin(origin) => (origin.clone(), None, self.read_key()?),
            Source::Sandbox => {
                let server = sandbox::Server::start(sandbox::Config::new(sandbox::Source::Market))
                    .context("the sandbox cannot be started")?;
                let origin = Origin::parse(&server.origin()).map_err(anyhow::Error::from)?;
                (origin, Some(server), ApiKey::new(SANDBOX_KEY.to_owned())?)
            }
        };
        let rate = self.rate()?;
        let gate = if rate == Rate::OFF {
            Gate::unlimited()
        } else {
            Gate::new(rate, store.gate_ledger()?)
        };
        self.connection(origin, key, gate, sandbox)
    }

    /// What stands for a connection where nothing has to be asked: no call of it passes.
    pub(super) fn without_calls(&self) -> Result<Connection, Failure> {
        let nobodys = ApiKey::new("0".repeat(40))?;
        self.connection(Origin::opendart(), nobodys, Gate::closed(), None)
    }

    fn connection(
        &self,
        origin: Origin,
        key: ApiKey,
        gate: Gate,
        sandbox: Option<sandbox::Server>,
    ) -> Result<Connection, Failure> {
        let timeouts = self
            .timeout
            .map_or_else(Timeouts::default, |attempt| Timeouts { attempt });
        let transport =
            Transport::new(origin, key, timeouts).context("no connection can be set up")?;
        let clock = Arc::new(SystemClock::new());
        Ok(Connection {
            fetcher: Arc::new(Fetcher::new(Client::new(transport), gate, clock)),
            counted: Cell::new(0),
            _sandbox: sandbox,
        })
    }

    /// Calls a minute; 0 is no limit.
    ///
    /// Fails with a rate the origin does not allow.
    pub(super) fn per_minute(&self) -> Result<u32, Failure> {
        self.rate().map(Rate::per_minute)
    }

    fn rate(&self) -> Result<Rate, Failure> {
        // The sandbox has no limit to keep, and nobody wants to wait for it.
        let default_rate = match self.origin {
            Source::Sandbox => 0,
            Source::Origin(_) => Rate::DEFAULT_PER_MINUTE,
        };
        let per_minute = self.rate_per_minute.unwrap_or(default_rate);
        Rate::new(per_minute, self.origin_kind()).map_err(|error| {
            Failure::usage(
                format!("DPS_RATE_PER_MINUTE: {error}"),
                "leave it unset for 900 calls a minute",
            )
        })
    }

    /// Which key this is, without the key: what calls are counted by.
    pub(super) fn key_fingerprint(&self) -> Result<String, Failure> {
        match &self.origin {
            Source::Origin(_) => Ok(self.read_key()?.fingerprint()),
            Source::Sandbox => Ok(ApiKey::new(SANDBOX_KEY.to_owned())?.fingerprint()),
        }
    }

    fn read_key(&self) -> Result<ApiKey, Failure> {
        let text = match &self.key {
            None => {
                return Err(Failure::NoKey {
                    sandbox_command: same_command_in_sandbox(),
                });
            }
            Some(KeyPlace::Variable(name)) => variable(name).unwrap_or_default(),
            Some(KeyPlace::File(path)) => {
                fs::read_to_string(path).map_err(|source| Failure::KeyFile {
                    path: path.clone(),
                    source,
                })?
            }
        };
        Ok(ApiKey::new(text)?)
    }
}

/// A way to ask, and the sandbox that answers where there is one.
pub(super) struct Connection {
    pub(super) fetcher: Arc<Fetcher>,
    counted: Cell<u64>,
    _sandbox: Option<sandbox::Server>,
}

impl Connection {
    /// Counts the attempts made since the last count as calls of today (KST), unless the gate does.
    /// A job counts its own.
    pub(super) fn count_calls(&self, store: &Store) -> Result<(), Failure> {
        if self.fetcher.counts_calls() {
            return Ok(());
        }
        let attempts = self.fetcher.attempts();
        let new = attempts - self.counted.replace(attempts);
        if new > 0 {
            let today = kst_date(self.fetcher.clock().now());
            store.count_calls(self.fetcher.key_fingerprint(), today, new)?;
        }
        Ok(())
    }
}

/// A variable that is set to more than nothing.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// A variable that names a file; set to nothing it names none.
fn path(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

fn number<T: std::str::FromStr>(name: &str) -> Result<Option<T>, Failure> {
    variable(name)
        .map(|text| {
            text.trim().parse().map_err(|_| {
                Failure::usage(
                    format!("{name} is {text:?}"),
                    "it takes a whole number".to_owned(),
                )
            })
        })
        .transpose()
}

fn sandbox_tag() -> String {
    format!("sandbox-{}", sandbox::DATA_VERSION)
}

fn default_db(tag: Option<&str>) -> Result<PathBuf, Failure> {
    let folder = dirs::data_local_dir().ok_or_else(|| {
        Failure::usage(
            "this user has no folder for data",
            "name the database with --db FILE",
        )
    })?;
    let name = tag.map_or_else(|| "dps.db".to_owned(), |tag| format!("dps-{tag}.db"));
    Ok(folder.join("dps").join(name))
}

fn read_file() -> Result<File, Failure> {
    let named = path("DPS_CONFIG");
    let Some(path) = named
        .clone()
        .or_else(|| dirs::config_dir().map(|dir| dir.join("dps").join("config.toml")))
    else {
        return Ok(File::default());
    };
    match fs::read_to_string(&path) {
        Ok(text) => parse(&text, &path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
            Ok(File::default())
        }
        Err(error) => Err(anyhow::Error::from(error)
            .context(format!("the config file {} cannot be read", path.display()))
            .into()),
    }
}

fn parse(text: &str, path: &Path) -> Result<File, Failure> {
    toml::from_str(text).map_err(|error| {
        // Its own words quote the line, and somebody may have put a key there.
        let place = error
            .span()
            .map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        Failure::usage(
            format!(
                "the config file {} is wrong in line {place}",
                path.display()
            ),
            "it knows db, api_base, api_key_file, rate_per_minute and timeout_ms (TOML)",
        )
    })
}

/// What was typed, with --sandbox; never anything of the environment. Without --db: made-up
/// figures are not to get into a database that is named.
pub(super) fn same_command_in_sandbox() -> String {
    let mut typed = Vec::new();
    let mut words = env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned());
    while let Some(word) = words.next() {
        if word == "--db" {
            words.next();
        } else if !word.starts_with("--db=") {
            let plain = |c: char| c.is_alphanumeric() || "-_./,:=%@+".contains(c);
            let is_plain = !word.is_empty() && word.chars().all(plain);
            typed.push(if is_plain {
                word
            } else {
                format!("'{}'", word.replace('\'', r"'\''"))
            });
        }
    }
    format!("dps {} --sandbox", typed.join(" "))
}
