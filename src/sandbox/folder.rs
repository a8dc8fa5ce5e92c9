//! Answers recorded in files: `{corp_code}_{bsns_year}_{reprt_code}.json`, in the folder or its
//! `alotMatter`, and `corpCode.zip`. Each is read once, when first asked for.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::answer::{Answer, Body};
use super::config::SandboxError;
use super::question::AnswerId;

#[derive(Clone)]
struct Recorded {
    body: Arc<[u8]>,
    status: Cow<'static, str>,
}

/// A folder of recorded answers.
pub(super) struct Folder {
    path: PathBuf,
    read: RwLock<HashMap<AnswerId, Recorded>>,
    corp_code: OnceLock<Arc<[u8]>>,
}

impl Folder {
    /// # Errors
    /// Where the path is no folder that can be listed.
    pub(super) fn open(path: &Path) -> Result<Self, SandboxError> {
        std::fs::read_dir(path).map_err(|source| SandboxError::Folder {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            read: RwLock::default(),
            corp_code: OnceLock::new(),
        })
    }

    /// The recorded answer; status 013 where there is no file.
    pub(super) fn alot_matter(&self, id: AnswerId) -> Answer {
        let known = {
            let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
            read.get(&id).cloned()
        };
        let recorded = match known {
            Some(recorded) => recorded,
            // A miss is not remembered: the file may be put there while the server runs.
            None => match self.load(id) {
                Ok(Some(recorded)) => recorded,
                Ok(None) => return Answer::verdict("013", false),
                Err(error) => return unreadable(&error),
            },
        };
        Answer::json(recorded.status, Body::Kept(recorded.body))
    }

    /// The recorded list of companies; status 014 where there is no file.
    pub(super) fn corp_code(&self) -> Answer {
        if let Some(bytes) = self.corp_code.get() {
            return Answer::zip(Arc::clone(bytes));
        }
        match std::fs::read(self.path.join("corpCode.zip")) {
            Ok(bytes) => Answer::zip(Arc::clone(self.corp_code.get_or_init(|| bytes.into()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Answer::verdict("014", true),
            Err(error) => unreadable(&error),
        }
    }

    fn load(&self, id: AnswerId) -> io::Result<Option<Recorded>> {
        let name = format!(
            "{}_{:04}_{}.json",
            id.corp_code, id.bsns_year, id.reprt_code
        );
        for path in [
            self.path.join(&name),
            self.path.join("alotMatter").join(&name),
        ] {
            let body = match std::fs::read(path) {
                Ok(body) => body,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let recorded = Recorded {
                status: status_of(&body),
                body: body.into(),
            };
            self.read
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(id, recorded.clone());
            return Ok(Some(recorded));
        }
        Ok(None)
    }
}

fn unreadable(error: &io::Error) -> Answer {
    Answer::page(
        500,
        "unreadable",
        &format!("a recorded file cannot be read: {}", error.kind()),
    )
}

/// The status a recorded body states; any body is served unchanged.
fn status_of(body: &[u8]) -> Cow<'static, str> {
    let stated = serde_json::from_slice::<serde_json::Value>(body)
        .ok()
        .and_then(|value| value.get("status")?.as_str().map(str::to_owned));
    match stated.as_deref() {
        Some("000") => Cow::Borrowed("000"),
        Some("013") => Cow::Borrowed("013"),
        Some(other) => Cow::Owned(other.to_owned()),
        None => Cow::Borrowed("unreadable"),
    }
}
