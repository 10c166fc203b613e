//! PostgreSQL keeps an interval as months, days and microseconds and prints it anew (manual section
//! 8.5.4): `12 months` comes back as `1 year`, `90 minutes` as `01:30:00`.

/// A quoted interval in one spelling; `None` for what is none, or has parts that are not whole.
pub(super) fn spelled(quoted: &str) -> Option<String> {
    let text = quoted.strip_prefix('\'')?.strip_suffix('\'')?.to_lowercase();
    let (mut months, mut days, mut seconds) = (0_i64, 0_i64, 0_i64);
    let mut words = text.split_whitespace().peekable();
    words.peek()?;
    while let Some(word) = words.next() {
        if let Some(clock) = clock(word) {
            seconds = seconds.checked_add(clock)?;
            continue;
        }
        let count: i64 = word.parse().ok()?;
        let times = |unit: i64| count.checked_mul(unit);
        match words.next()?.trim_end_matches('s') {
            "year" | "yr" => months = months.checked_add(times(12)?)?,
            "month" | "mon" => months = months.checked_add(count)?,
            "week" => days = days.checked_add(times(7)?)?,
            "day" => days = days.checked_add(count)?,
            "hour" | "hr" => seconds = seconds.checked_add(times(3_600)?)?,
            "minute" | "min" => seconds = seconds.checked_add(times(60)?)?,
            "second" | "sec" => seconds = seconds.checked_add(count)?,
            _ => return None,
        }
    }
    Some(format!("'{months} mons {days} days {seconds} secs'"))
}

/// Seconds of `01:30:00`.
fn clock(word: &str) -> Option<i64> {
    let (sign, word) = word.strip_prefix('-').map_or((1, word), |rest| (-1, rest));
    let mut parts = word.split(':').map(|part| part.parse::<i64>().ok().filter(|n| *n >= 0));
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    let total = hours.checked_mul(3_600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(seconds)?;
    parts.next().is_none().then_some(sign * total)
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn the_servers_spelling_is_the_written_one() {
        let same = [
            ("'12 months'", "'1 year'"),
            ("'14 months'", "'1 year 2 mons'"),
            ("'2 weeks'", "'14 days'"),
            ("'90 minutes'", "'01:30:00'"),
            ("'1 day 24 hours'", "'1 day 24:00:00'"),
            ("'-1 hour'", "'-01:00:00'"),
        ];
        for (written, printed) in same {
            assert!(spelled(written).is_some(), "{written}");
            assert_eq!(spelled(written), spelled(printed), "{written}");
        }
        assert_ne!(spelled("'24 hours'"), spelled("'1 day'"));
        for other in ["'1.5 days'", "'soon'", "'1'", "''", "1 day", "'P1Y'", "'1:2:3:4'"] {
            assert_eq!(spelled(other), None, "{other}");
        }
    }
}
