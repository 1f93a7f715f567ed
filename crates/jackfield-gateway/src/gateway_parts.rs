//! The parts of a gateway whose store is open.

use std::path::PathBuf;
use std::sync::Arc;

use jackfield_runtime::Environment;

use crate::config::GatewayConfig;
use crate::connect::Connect;
use crate::remote::pin_book::PinBook;

/// The configuration of a gateway, and the state that its connectors share.
#[derive(Clone)]
pub(crate) struct GatewayParts {
    pub(crate) config: Arc<GatewayConfig>,
    pub(crate) environment: Environment,
    /// The state folder.
    pub(crate) state: PathBuf,
    pub(crate) pins: Arc<PinBook>,
    /// The folders and files that programs of connectors may not use.
    pub(crate) protected: Vec<PathBuf>,
    /// The pages on which callers connect their accounts.
    pub(crate) connect: Arc<Connect>,
}
