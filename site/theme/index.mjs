import DefaultTheme from 'vitepress/theme';
import { h } from 'vue';
import LiveCard from './LiveCard.vue';
import './style.css';

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'doc-after': () => h(LiveCard) }),
};
