"""Tests revisions up, down and up again on scratch databases with rows.

`engine` runs the steps; `row_maker` and `edge_values` make the rows; `row_checks` and `row_diff` find what was lost;
`results` and `summary` hold the verdicts; `twins` compares the chains of twins. How a revision is run belongs to
`execution`; what is printed belongs to `reports`.
"""
