//! Binary data in an argument.

/// The bytes in an argument, with their media type and file name.
#[derive(Default)]
pub(crate) struct ArgumentBytes {
    pub(crate) bytes: Vec<u8>,
    /// Empty if the argument does not declare one.
    pub(crate) media_type: String,
    pub(crate) file_name: Option<String>,
}
