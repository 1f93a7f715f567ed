//! Loads the sentence encoder for the search of tools. The flag, or else the variable, names the folder of the encoder.

use std::path::PathBuf;

use super::output::Failure;
use crate::common::environment::{Environment, Setting};
use crate::engine::service::Service;

/// Adds the encoder to the service. Returns an error if its folder cannot be used. Otherwise users would not notice that the search ranks
/// only by words.
pub(super) fn with_encoder(
    service: Service,
    flag: Option<PathBuf>,
    environment: &Environment,
) -> Result<Service, Failure> {
    let variable = Setting::Encoder.variable(service.connector().name);
    let Some(folder) = flag.or_else(|| environment.get(&variable).map(PathBuf::from)) else {
        return Ok(service);
    };
    if !service.has_search() {
        super::output::tell(
            "the encoder is not used, because clients see every tool: start with `--surface search` to serve a search",
        );
        return Ok(service);
    }
    open(service, &folder, environment)
}

#[cfg(feature = "encoder")]
fn open(service: Service, folder: &std::path::Path, environment: &Environment) -> Result<Service, Failure> {
    let encoder = crate::engine::search::Encoder::open(folder, environment);
    let encoder = encoder.map_err(|error| Failure::usage(error.to_string()))?;
    Ok(service.with_encoder(std::sync::Arc::new(encoder)))
}

#[cfg(not(feature = "encoder"))]
fn open(_: Service, _: &std::path::Path, _: &Environment) -> Result<Service, Failure> {
    Err(Failure::usage(
        "this connector was built without an encoder: add `features = [\"encoder\"]` to jackfield-runtime in its Cargo.toml",
    ))
}
