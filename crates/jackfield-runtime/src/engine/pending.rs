//! Values that come later.

use std::future::Future;
use std::pin::Pin;

/// A value that comes later, for traits that are used behind `dyn`.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
