//! `duration` of RFC 3339, appendix A.

/// `P`, then weeks alone, or years to seconds of which none between the first and the last is left
/// out; a `T` stands before hours, minutes and seconds. No signs, no fractions.
pub(super) fn is_duration(text: &str) -> bool {
    let Some(period) = text.strip_prefix('P') else {
        return false;
    };
    if let Some(weeks) = period.strip_suffix('W') {
        return is_number(weeks);
    }
    let (date, time) = match period.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (period, None),
    };
    let good_date = date.is_empty() && time.is_some() || is_row_of(date, ['Y', 'M', 'D']);
    good_date && time.is_none_or(|time| is_row_of(time, ['H', 'M', 'S']))
}

/// At least one number with its unit, the units in order and next to each other.
fn is_row_of(text: &str, units: [char; 3]) -> bool {
    let mut rest = text;
    let mut last = None;
    while let Some(end) = rest.find(|c: char| !c.is_ascii_digit()) {
        let (number, tail) = rest.split_at(end);
        let unit = tail.chars().next();
        let index = units.iter().position(|known| Some(*known) == unit);
        let follows = match (last, index) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(last), Some(index)) => index == last + 1,
        };
        if !follows || !is_number(number) {
            return false;
        }
        last = index;
        // The unit is ASCII.
        rest = &tail[1..];
    }
    rest.is_empty() && last.is_some()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations() {
        for good in [
            "P4DT12H30M5S",
            "P4Y",
            "PT0S",
            "P0D",
            "P1M",
            "PT1M",
            "PT36H",
            "P1DT12H",
            "P2W",
            "P1Y2M3DT4H5M6S",
            "P1Y2M",
            "PT5M6S",
            "P007D",
        ] {
            assert!(is_duration(good), "{good}");
        }
        for bad in [
            "",
            "P",
            "PT",
            "P1YT",
            "4D",
            "PT1D",
            "P2D1Y",
            "P1D2H",
            "P2S",
            "P1Y2W",
            "P1Y3D",
            "PT1H5S",
            "P1",
            "PT1",
            "P-1D",
            "P1.5D",
            "p1D",
            "P1d",
            "P\u{661}Y",
            "PW",
            "P1W2W",
            "P1D ",
            "P1DT1HT1M",
        ] {
            assert!(!is_duration(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".{0,20}", tricky in "P[0-9YMDTHSW\u{e4}]{0,12}") {
            let _ = (is_duration(&text), is_duration(&tricky));
        }

        #[test]
        fn all_units_make_a_duration(n in proptest::array::uniform6(0_u32..100)) {
            let [y, mo, d, h, mi, s] = n;
            let text = format!("P{y}Y{mo}M{d}DT{h}H{mi}M{s}S");
            prop_assert!(is_duration(&text));
        }
    }
}
