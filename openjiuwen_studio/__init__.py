"""The models of openJiuwen Studio's two databases, and the settings that locate them."""
