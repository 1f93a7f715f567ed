//! Reads one request from a connection, within limits.

use jackfield_model::{decimal_number, hex_number};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Recorded;
use super::recorded::readable;

/// The maximum size of request line and headers, and of trailers.
const MOST_HEAD: usize = 256 * 1024;
/// The maximum size of the body.
const MOST_BODY: usize = 32 * 1024 * 1024;

/// The reason why no request could be read.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The connection failed.
    Io,
    /// The bytes are not a valid request. Contains the status and the text of the answer.
    Refused(u16, &'static str),
}

impl From<std::io::Error> for ReadError {
    fn from(_: std::io::Error) -> Self {
        Self::Io
    }
}

/// Reads the next request. `None` if the connection ended between requests.
pub(super) async fn read<R, W>(from: &mut R, to: &mut W) -> Result<Option<Recorded>, ReadError>
where
    R: AsyncBufRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let Some(head) = read_head(from).await? else { return Ok(None) };
    let mut request = parse_head(head)?;
    if request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
        to.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    request.body = read_body(&request, from).await?;
    Ok(Some(request))
}

/// Reads the head as bytes, without the blank line at its end.
async fn read_head<R: AsyncBufRead + Unpin>(from: &mut R) -> Result<Option<Vec<u8>>, ReadError> {
    let mut head = Vec::new();
    loop {
        let start = head.len();
        read_line(from, &mut head).await?;
        match &head[start..] {
            b"" => return if start == 0 { Ok(None) } else { Err(ReadError::Io) },
            // Some clients send an empty line after a body. HTTP requires servers to ignore this line before a request.
            b"\r\n" if start == 0 => head.clear(),
            b"\r\n" => {
                head.truncate(start);
                return Ok(Some(head));
            }
            _ => {}
        }
    }
}

/// Appends a line including its line break. Appends nothing at the end of the stream.
async fn read_line<R: AsyncBufRead + Unpin>(from: &mut R, into: &mut Vec<u8>) -> Result<(), ReadError> {
    let room = (MOST_HEAD - into.len()) as u64;
    let start = into.len();
    from.take(room).read_until(b'\n', into).await?;
    match &into[start..] {
        [] if room == 0 => Err(ReadError::Refused(431, "the head is too large")),
        [] | [.., b'\r', b'\n'] => Ok(()),
        [.., b'\n'] => Err(ReadError::Refused(400, "a line ends without a carriage return")),
        _ if into.len() >= MOST_HEAD => Err(ReadError::Refused(431, "the head is too large")),
        _ => Err(ReadError::Io),
    }
}

fn parse_head(head: Vec<u8>) -> Result<Recorded, ReadError> {
    let malformed = |why| ReadError::Refused(400, why);
    let text = readable(&head);
    let mut lines = text.strip_suffix("\r\n").unwrap_or(&text).split("\r\n");
    let first = lines.next().unwrap_or_default();
    // The target is the text between the first and the last space, so that a target with spaces is recorded too.
    let (method, rest) =
        first.split_once(' ').ok_or_else(|| malformed("the request line does not have three parts"))?;
    let (target, version) =
        rest.rsplit_once(' ').ok_or_else(|| malformed("the request line does not have three parts"))?;
    if method.is_empty() || target.is_empty() || !version.starts_with("HTTP/1.") {
        return Err(malformed("the request line is not METHOD TARGET HTTP/1.1"));
    }
    let headers = lines
        .map(|line| match line.split_once(':') {
            Some((name, value)) if !name.is_empty() && !name.contains([' ', '\t']) => {
                Ok((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()))
            }
            _ => Err(malformed("a header line is not NAME: VALUE")),
        })
        .collect::<Result<_, _>>()?;
    Ok(Recorded {
        method: method.to_owned(),
        target: target.to_owned(),
        version: version.to_owned(),
        headers,
        body: Vec::new(),
        head,
        certificate: None,
    })
}

async fn read_body<R: AsyncBufRead + Unpin>(request: &Recorded, from: &mut R) -> Result<Vec<u8>, ReadError> {
    let too_large = ReadError::Refused(413, "the body is too large");
    let lengths = request.headers_named("content-length");
    match (request.headers_named("transfer-encoding").as_slice(), lengths.as_slice()) {
        ([], []) => Ok(Vec::new()),
        ([], [length, more @ ..]) if more.iter().all(|other| other == length) => {
            let length = decimal_number(length.as_bytes());
            let length = length.ok_or(ReadError::Refused(400, "content-length is not a number"))?;
            let length = usize::try_from(length).ok().filter(|length| *length <= MOST_BODY);
            let Some(length) = length else { return Err(too_large) };
            let mut body = Vec::new();
            from.take(length as u64).read_to_end(&mut body).await?;
            if body.len() == length { Ok(body) } else { Err(ReadError::Io) }
        }
        ([encoding], []) if encoding.eq_ignore_ascii_case("chunked") => read_chunks(from).await,
        // A request that declares two different body lengths enables request smuggling, so the test has to fail.
        _ => Err(ReadError::Refused(400, "the framing of the body is ambiguous or unknown")),
    }
}

async fn read_chunks<R: AsyncBufRead + Unpin>(from: &mut R) -> Result<Vec<u8>, ReadError> {
    let mut body = Vec::new();
    loop {
        let mut line = Vec::new();
        read_line(from, &mut line).await?;
        let text = readable(&line);
        let size = text.split(';').next().unwrap_or_default().trim();
        // If a sign were accepted, or a size truncated to fit, the body would have another length than the sender intended.
        let size = hex_number(size.as_bytes()).and_then(|size| usize::try_from(size).ok());
        let size = size.ok_or(ReadError::Refused(400, "the size of a chunk is not a number"))?;
        if size == 0 {
            break;
        }
        if size > MOST_BODY - body.len() {
            return Err(ReadError::Refused(413, "the body is too large"));
        }
        let whole = body.len() + size;
        from.take(size as u64).read_to_end(&mut body).await?;
        if body.len() < whole {
            return Err(ReadError::Io);
        }
        let mut end = Vec::new();
        read_line(from, &mut end).await?;
        if end != b"\r\n" {
            return Err(ReadError::Refused(400, "a chunk is longer than its size"));
        }
    }
    // Trailers are ignored. If there are no trailers, only the blank line follows.
    let mut trailers = Vec::new();
    loop {
        let start = trailers.len();
        read_line(from, &mut trailers).await?;
        match &trailers[start..] {
            b"\r\n" => return Ok(body),
            b"" => return Err(ReadError::Io),
            _ => {}
        }
    }
}
