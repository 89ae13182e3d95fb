"""The school on top of the engine: lessons, capacity, drills, hunts. It imports neither Streamlit nor Plotly."""
