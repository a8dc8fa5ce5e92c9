//! The built program, run as a user would run it: its own home and database, none of our settings.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

const DPS: &str = env!("CARGO_BIN_EXE_dps");

/// Any forty characters; the sandbox takes them.
const KEY: &str = "0123456789012345678901234567890123456789";

/// A place to run the program in.
pub struct Home {
    folder: TempDir,
    settings: Vec<(String, String)>,
}

impl Home {
    /// With an empty database, asking this server as fast as it can.
    pub fn asking(origin: &str) -> Result<Self> {
        // On a disk, which a folder for temporary files need not be.
        let folder = TempDir::new_in(Path::new(env!("CARGO_TARGET_TMPDIR")))?;
        let home = Self {
            folder,
            settings: Vec::new(),
        };
        let db = home.db().display().to_string();
        Ok(home
            .with("DPS_DB", &db)
            .with("DPS_API_BASE", origin)
            .with("DART_API_KEY", KEY)
            .with("DPS_RATE_PER_MINUTE", "0"))
    }

    /// With this in its environment.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.settings.retain(|(set, _)| set != name);
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Its database.
    pub fn db(&self) -> PathBuf {
        self.folder.path().join("dps.db")
    }

    /// The command, ready to be run.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(DPS);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy().into_owned();
            if ["DPS_", "DART_", "OPENDART_", "XDG_"]
                .iter()
                .any(|own| text.starts_with(own))
            {
                command.env_remove(&name);
            }
        }
        let home = self.folder.path();
        command
            .args(words)
            .env("HOME", home)
            .env("USERPROFILE", home)
            .env("APPDATA", home)
            .env("LOCALAPPDATA", home)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(home)
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end; its stdout. Another exit code than 0 is an error with its stderr.
    pub fn run(&self, words: &[&str]) -> Result<String> {
        let (code, stdout, stderr) = self.outcome(words)?;
        ensure!(
            code == Some(0),
            "dps {} exited with {code:?}:\n{stderr}",
            words.join(" ")
        );
        Ok(stdout)
    }

    /// Runs it to its end: exit code, stdout, stderr.
    pub fn outcome(&self, words: &[&str]) -> Result<(Option<i32>, String, String)> {
        let output = self.command(words).output()?;
        Ok((
            output.status.code(),
            String::from_utf8(output.stdout)?,
            String::from_utf8(output.stderr)?,
        ))
    }

    /// Runs it to its end; how long that took.
    pub fn timed(&self, words: &[&str]) -> Result<Duration> {
        let began = Instant::now();
        self.run(words)?;
        Ok(began.elapsed())
    }

    /// Fetches the list of companies, again where a fault struck too often.
    pub fn sync(&self) -> Result<()> {
        let mut tries = 1..=20;
        while let Err(error) = self.run(&["ticker", "sync"]) {
            if tries.next().is_none() {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Creates a job; its id.
    pub fn create(&self, words: &[&str]) -> Result<String> {
        let words = [&["job", "create"], words].concat();
        Ok(self.run(&words)?.trim_end().to_owned())
    }

    /// A job as `dps job show` has it.
    pub fn job(&self, id: &str) -> Result<Value> {
        let shown = self.run(&["job", "show", id, "--format", "json"])?;
        Ok(serde_json::from_str(&shown)?)
    }

    /// Starts to run a job. What it says goes to a file.
    pub fn start(&self, id: &str) -> Result<Running> {
        let said = File::options().append(true).create(true).open(self.log())?;
        let child = self
            .command(&["job", "run", id, "--progress", "none"])
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()?;
        Ok(Running(child))
    }

    /// What the jobs that were started have said.
    pub fn said(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.log())?)
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("said.txt")
    }

    /// The size of the database in bytes, and of what was not yet moved into it.
    pub fn bytes(&self) -> Result<u64> {
        let mut bytes = 0;
        for end in ["", "-wal"] {
            let file = PathBuf::from(format!("{}{end}", self.db().display()));
            bytes += file.metadata().map_or(0, |found| found.len());
        }
        ensure!(bytes > 0, "there is no database");
        Ok(bytes)
    }
}

/// A count of a job's.
pub fn number(job: &Value, name: &str) -> Result<u64> {
    job[name]
        .as_u64()
        .with_context(|| format!("a job has {name}"))
}

/// A process that is killed when it is no longer needed.
pub struct Running(Child);

impl Running {
    /// Takes care of a process.
    pub fn of(child: Child) -> Self {
        Self(child)
    }

    /// Kills it, as `kill -9` does.
    pub fn kill(&mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }

    /// Interrupts it, as Ctrl-C does, and waits for its end.
    pub fn interrupt(&mut self) -> Result<()> {
        let sent = Command::new("kill")
            .args(["-s", "INT", &self.0.id().to_string()])
            .status()?;
        ensure!(sent.success(), "the signal could not be sent");
        self.0.wait()?;
        Ok(())
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> Result<bool> {
        Ok(self.0.try_wait()?.is_some())
    }

    /// Waits for its end; the most memory it had at any time (`VmHWM`), in bytes, where the system
    /// tells it.
    pub fn peak_memory(&mut self) -> Result<Option<u64>> {
        let status = format!("/proc/{}/status", self.0.id());
        let mut peak = None;
        // The kernel keeps the maximum and forgets it with the process: only what is allocated in
        // the last few milliseconds is missed.
        while self.0.try_wait()?.is_none() {
            peak = std::fs::read_to_string(&status)
                .ok()
                .as_deref()
                .and_then(high_water_mark)
                .or(peak);
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(peak)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.kill();
    }
}

fn high_water_mark(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// A sandbox in a process of its own, so that its memory and its name are not the program's.
pub struct Sandbox {
    /// Where it listens.
    pub origin: String,
    _running: Running,
}

impl Sandbox {
    /// Starts one that answers at once.
    pub fn start() -> Result<Self> {
        let mut child = Command::new(DPS)
            .arg("sandbox")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child.stdout.take();
        let running = Running(child);
        let mut origin = String::new();
        if let Some(stdout) = stdout {
            BufReader::new(stdout).read_line(&mut origin)?;
        }
        if origin.is_empty() {
            bail!("the sandbox did not start");
        }
        Ok(Self {
            origin: origin.trim_end().to_owned(),
            _running: running,
        })
    }
}
