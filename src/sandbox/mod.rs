//! A stand-in for OpenDART on loopback: made-up or recorded answers, made to fail on demand.
//!
//! It speaks HTTP/1.1 with connections kept alive, on threads and [`httparse`] alone, because its
//! purpose lies below HTTP: a fault may reset a connection, cut a body short or never answer. It
//! knows `/api/alotMatter.json` and `/api/corpCode.xml`.
//!
//! Invariants: the same configuration gives the same answer to the same request, whatever the
//! order, and the same faults to the same request number; the key is looked at and forgotten.

mod answer;
mod chance;
mod config;
mod faults;
mod folder;
mod http;
mod limits;
pub mod market;
mod question;
mod server;
mod stopping;
mod wire;

pub use config::{Config, Event, OnEvent, SandboxError, Source};
pub use faults::{Fault, Faults, FaultsError};
pub use market::DATA_VERSION;
pub use question::{AnswerId, Question};
pub use server::Server;
