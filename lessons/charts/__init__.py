"""Read the chart: what happened here? Runs made from configurations, four explanations, and the records that decide."""
