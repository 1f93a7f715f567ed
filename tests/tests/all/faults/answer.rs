//! Answers of a faulty service, written as text: see `tests/all/faults.rs`.

use std::io::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use jackfield_testkit::Answer;

use crate::behaviour::bytes;

/// 64 MiB of zeros in brotli, for which there is no encoder here.
const BROTLI_BOMB: &str = "y///P/gnAOKxQCD3/o///3/wTwDEYRGA7v0f////4J8AiMMCAN37P/7//8E/ARCHBQC693/8//+DfwIgDgsAdO//+P//B/8EQBwWAOje//H//w/+CYA4LADQvf/L//8//BMAcVgAoHv/Bw==";

/// Parses an answer.
pub(crate) fn answer(template: &str) -> Answer {
    let text = with_times(template).replace("{many}", &"x".repeat(1 << 20));
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let mut word = || words.next().unwrap_or_default();
    let (status, fault, size, coding) = (word(), word(), word(), word());
    match (status, fault) {
        ("hang", "up") => return Answer::hang_up(),
        ("hang", _) => return Answer::hang(),
        ("raw", _) => return Answer::raw(bytes(&body.replace('\n', "\r\n"))),
        _ => {}
    }
    let mut answer = Answer::empty(status.parse().unwrap_or_else(|_| panic!("`{status}` is not a status")));
    answer.body = bytes(body);
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("`{line}` is not a header"));
        answer = answer.header(name, value);
    }
    let size = || size.parse::<u64>().unwrap_or_else(|_| panic!("`{size}` is not a number"));
    match fault {
        "" => answer,
        "cut" => answer.cut_after(size() as usize),
        "reset" => answer.reset_after(size() as usize),
        "drip" => answer.dripped(Duration::from_secs(size())),
        "fill" => {
            answer.body = vec![b'x'; 1 << 16];
            answer.filled_to(size())
        }
        "endless" => {
            answer.body = vec![b'x'; 1 << 16];
            answer.repeated(usize::MAX, Duration::ZERO)
        }
        "trickle" => {
            answer.body = b"x".to_vec();
            answer.repeated(usize::MAX, Duration::from_secs(size()))
        }
        "events" => {
            answer.body = b"data: {}\n\n".to_vec();
            answer.repeated(usize::MAX, Duration::ZERO)
        }
        "bomb" => {
            answer.body = bomb(coding, size() as usize);
            answer.header("content-encoding", coding)
        }
        _ => panic!("`{fault}` is not a fault"),
    }
}

/// Returns a body of `bytes` zeros in that content coding.
fn bomb(coding: &str, bytes: usize) -> Vec<u8> {
    match coding {
        "gzip" => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            let zeros = vec![b'0'; 1 << 20];
            (0..bytes >> 20).for_each(|_| encoder.write_all(&zeros).unwrap());
            encoder.finish().unwrap()
        }
        "br" => {
            assert_eq!(bytes, 64 << 20, "the only bomb in brotli has 64 MiB");
            STANDARD.decode(BROTLI_BOMB).unwrap()
        }
        "zstd" => {
            // A frame of blocks that repeat one byte 128 Ki times each.
            let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0, 0x50];
            let blocks = bytes >> 17;
            for block in 1..=blocks {
                let header = (128_u32 << 10) << 3 | 1 << 1 | u32::from(block == blocks);
                frame.extend_from_slice(&header.to_le_bytes()[..3]);
                frame.push(b'0');
            }
            frame
        }
        _ => panic!("no bomb in `{coding}`"),
    }
}

fn with_times(text: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut text = text.to_owned();
    for (mark, write) in [("{date+", date as fn(u64) -> String), ("{epoch+", |seconds| seconds.to_string())] {
        while let Some(start) = text.find(mark) {
            let end = start + text[start..].find('}').unwrap();
            let later: u64 = text[start + mark.len()..end].parse().unwrap();
            text.replace_range(start..=end, &write(now + later));
        }
    }
    text
}

/// Formats a Unix time as an HTTP date.
fn date(seconds: u64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut days, mut year, mut month) = (seconds / 86_400, 1970, 0);
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("Sun, {:02} {} {year} {hour:02}:{minute:02}:{second:02} GMT", days + 1, MONTHS[month])
}
