//! Boxed futures.

use std::future::Future;
use std::pin::Pin;

/// A boxed future, for traits that are used with `dyn`.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
