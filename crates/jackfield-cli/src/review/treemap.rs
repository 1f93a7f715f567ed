//! Lays out a treemap. Areas are proportional to sizes, and as close to squares as their order allows.

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rectangle {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Rectangle {
    fn shorter(&self) -> f64 {
        self.width.min(self.height)
    }
}

/// Returns a rectangle within `room` for each size. The sizes have to be sorted, the largest first. A size of 0 counts as 1.
pub(super) fn layout(sizes: &[usize], room: Rectangle) -> Vec<Rectangle> {
    let total: f64 = sizes.iter().map(|size| weight(*size)).sum();
    let scale = room.width * room.height / total.max(1.0);
    let areas: Vec<f64> = sizes.iter().map(|size| weight(*size) * scale).collect();
    let (mut placed, mut left, mut at) = (Vec::with_capacity(areas.len()), room, 0);
    while at < areas.len() {
        let mut end = at + 1;
        let mut sum = areas[at];
        // Rectangles are added to a row while this improves the worst aspect ratio of the row.
        while end < areas.len() {
            let next = sum + areas[end];
            let before = worst(areas[at], areas[end - 1], sum, left.shorter());
            if worst(areas[at], areas[end], next, left.shorter()) > before {
                break;
            }
            (sum, end) = (next, end + 1);
        }
        left = place(&areas[at..end], sum, left, &mut placed);
        at = end;
    }
    placed
}

fn weight(size: usize) -> f64 {
    size.max(1) as f64
}

/// Returns the worst aspect ratio in a row whose largest and smallest areas are given.
fn worst(largest: f64, smallest: f64, sum: f64, side: f64) -> f64 {
    let (side, sum) = (side * side, sum * sum);
    (side * largest / sum).max(sum / (side * smallest))
}

/// Places a row of rectangles along the shorter side, and returns the remaining room.
fn place(areas: &[f64], sum: f64, room: Rectangle, placed: &mut Vec<Rectangle>) -> Rectangle {
    let is_wide = room.width >= room.height;
    let thickness = if room.shorter() > 0.0 { sum / room.shorter() } else { 0.0 };
    let mut offset = 0.0;
    for area in areas {
        let length = if thickness > 0.0 { area / thickness } else { 0.0 };
        placed.push(match is_wide {
            true => Rectangle { x: room.x, y: room.y + offset, width: thickness, height: length },
            false => Rectangle { x: room.x + offset, y: room.y, width: length, height: thickness },
        });
        offset += length;
    }
    match is_wide {
        true => Rectangle { x: room.x + thickness, width: (room.width - thickness).max(0.0), ..room },
        false => Rectangle { y: room.y + thickness, height: (room.height - thickness).max(0.0), ..room },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Rectangle = Rectangle { x: 0.0, y: 0.0, width: 600.0, height: 400.0 };

    #[test]
    fn treemap_areas_are_proportional_and_fill_the_space() {
        let sizes = [600, 600, 400, 300, 200, 200, 100];
        let placed = layout(&sizes, ROOM);
        assert_eq!(placed.len(), sizes.len());
        for (size, it) in sizes.iter().zip(&placed) {
            assert!((it.width * it.height - *size as f64 * 100.0).abs() < 0.01, "{it:?}");
            assert!(it.x >= 0.0 && it.x + it.width <= 600.01 && it.y >= 0.0 && it.y + it.height <= 400.01);
            assert!(it.width.max(it.height) / it.shorter() < 3.0, "{it:?}");
        }
    }

    #[test]
    fn treemap_of_no_sizes_or_zero_sizes_has_finite_rectangles() {
        assert!(layout(&[], ROOM).is_empty());
        let placed = layout(&[0; 5_000], ROOM);
        assert!(placed.iter().all(|it| it.x.is_finite() && it.width.is_finite() && it.height > 0.0));
    }
}
