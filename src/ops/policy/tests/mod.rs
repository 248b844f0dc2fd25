mod approvals;
mod attacks;
mod decisions;
mod effects;
mod history;
mod merges;
mod reading;
