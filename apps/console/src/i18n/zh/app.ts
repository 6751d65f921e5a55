import type { app as english } from '../en/app';
import type { Translated } from '../translated';

export const app: Translated<typeof english> = {
  skip_to_content: '跳到正文',
  navigation: '主导航',
  nav: { backups: '备份', jobs: '任务', api_docs: 'API 文档' },
  language: '语言',
  appearance: { label: '外观', light: '浅色', dark: '深色', auto: '跟随系统' },
  settings: '设置',
  loading: '正在加载…',
  close: '关闭',
  cancel: '取消',
  back: '返回',
  next: '继续',
  retry: '重试',
  more: '显示更多',
  more_of_other: '再显示 {{count}} 项',
  not_found: {
    title: '没有这个页面',
    text: '这个地址不存在，可能输入或复制得不完整。',
    action: '前往备份列表',
  },
  crashed: {
    title: '页面出错了',
    text: '您的备份和正在运行的任务不受影响。请重新加载页面；如果仍未恢复，请反馈下面的信息。',
    action: '重新加载',
  },
  token: {
    title: '访问令牌',
    text: '此 PawVault 需要令牌。令牌只保存在当前标签页中，关闭标签页即被清除。',
    label: '令牌',
    submit: '继续',
    refused: '令牌未被接受，请检查后重试。',
    forget: '清除令牌',
  },
  role: {
    of: '{{name}}：{{role}}',
    viewer: '查看者',
    operator: '操作员',
    admin: '管理员',
    insufficient: {
      title: '此令牌没有这项权限',
      text: '此令牌可以查看备份和任务。要进行更改，请输入操作员或管理员的令牌，或联系管理此 PawVault 的人。',
    },
  },
};
